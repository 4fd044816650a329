/** The text on the page. */
interface SheetOptions {
  /** ASCII, at the top of the page. */
  readonly label: string;
  /** May be Korean; readers bring their own Korean font. */
  readonly title: string;
  /** May be Korean, below the title. */
  readonly text: string;
}

const page = { width: 595, height: 842, margin: 56 };
const lineCharacters = 40;

/** Renders a one-page A4 PDF with a label, a title, a few lines of text and a frame to work in. */
export function renderPdf({ label, title, text }: SheetOptions): Uint8Array<ArrayBuffer> {
  const content = [
    `BT /F1 10 Tf 0.4 g ${page.margin} ${page.height - page.margin} Td (${escapeText(label)}) Tj ET`,
    drawText(title, 18, page.height - 92),
    ...wrap(text).map((line, index) => drawText(line, 11, page.height - 124 - 18 * index)),
    `0.6 G 0.8 w ${page.margin} ${page.height - 104} m ${page.width - page.margin} ${page.height - 104} l S`,
    `${page.margin} ${page.margin} ${page.width - 2 * page.margin} 420 re S`,
  ].join("\n");
  return assemble([
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${page.width} ${page.height}] /Contents 4 0 R
      /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>`,
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    `<< /Type /Font /Subtype /Type0 /BaseFont /HYGoThic-Medium-UniKS-UCS2-H /Encoding /UniKS-UCS2-H
      /DescendantFonts [7 0 R] >>`,
    `<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HYGoThic-Medium
      /CIDSystemInfo << /Registry (Adobe) /Ordering (Korea1) /Supplement 2 >>
      /DW 1000 /W [1 95 500] /FontDescriptor 8 0 R >>`,
    `<< /Type /FontDescriptor /FontName /HYGoThic-Medium /Flags 4 /FontBBox [-6 -145 1003 880]
      /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>`,
  ]);
}

/** One line in the Korean font, whose encoding is UCS-2 in big-endian order. */
function drawText(text: string, size: number, y: number): string {
  const hex = Array.from(text, character =>
    (character.codePointAt(0) ?? 0).toString(16).padStart(4, "0"),
  ).join("");
  return `BT /F2 ${size} Tf 0 g ${page.margin} ${y} Td <${hex}> Tj ET`;
}

function wrap(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < lineCharacters) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines;
}

function escapeText(text: string): string {
  return text.replace(/[\\()]/g, "\\$&");
}

/** Puts numbered objects between header and cross-reference table. All of it is ASCII. */
function assemble(objects: readonly string[]): Uint8Array<ArrayBuffer> {
  let file = "%PDF-1.4\n";
  const offsets = objects.map((object, index) => {
    const offset = file.length;
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map(offset => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  const size = objects.length + 1;
  const start = file.length;
  file += `xref\n0 ${size}\n0000000000 65535 f \n${table}`;
  file += `trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return new TextEncoder().encode(file);
}
