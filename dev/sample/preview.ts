import { Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import { encodePng } from "./png.ts";
import type { SeededRandom } from "./random.ts";

const paper = 0;
const band = 1;
const text = 2;
const axis = 3;
const curve = 4;

const bandColors: Readonly<Record<number, number>> = {
  [Subject.MATHEMATICS]: 0x2f6fed,
  [Subject.PHYSICS]: 0x7a4fd0,
  [Subject.CHEMISTRY]: 0x1f9d78,
  [Subject.BIOLOGY]: 0x4c9a2a,
  [Subject.EARTH_SCIENCE]: 0xc4691c,
};

interface PreviewOptions {
  readonly width: number;
  readonly subject: Subject;
  /** Decides the lengths of the lines and the form of the curve. */
  readonly random: SeededRandom;
}

/** Draws the look of a question sheet as PNG: a colored band, lines of text, and a graph; four high for three wide. */
export function renderPreview({ width, subject, random }: PreviewOptions): Uint8Array<ArrayBuffer> {
  const height = Math.round((width * 4) / 3);
  const pixels = new Uint8Array(width * height);
  const fill = (x: number, y: number, w: number, h: number, color: number) => {
    for (let row = Math.round(y); row < Math.min(height, Math.round(y + h)); row++) {
      pixels.fill(color, row * width + Math.round(x), row * width + Math.min(width, Math.round(x + w)));
    }
  };
  const unit = width / 24;
  fill(0, 0, width, 3 * unit, band);
  fill(2 * unit, unit, (8 + random.below(8)) * unit, unit, paper);
  for (let line = 0; line < 6; line++) {
    fill(2 * unit, (5 + 1.5 * line) * unit, (line === 5 ? 8 : 15 + random.below(6)) * unit, 0.6 * unit, text);
  }
  fill(3 * unit, 25 * unit, 18 * unit, 0.2 * unit, axis);
  fill(6 * unit, 16 * unit, 0.2 * unit, 13 * unit, axis);
  const waves = 1 + random.below(3);
  const slope = random.next() - 0.5;
  for (let x = 3 * unit; x < 21 * unit; x += 0.25) {
    const along = (x / unit - 3) / 18;
    const y = 22.5 + 4 * Math.sin(along * waves * Math.PI * 2) * (1 - 0.4 * along) + slope * 6 * along;
    fill(x, y * unit, Math.max(1, 0.3 * unit), Math.max(1, 0.3 * unit), curve);
  }
  return encodePng({
    width,
    height,
    palette: [0xfdfdfb, bandColors[subject] ?? 0x555555, 0xc9ced6, 0x444b55, 0xd6336c],
    pixels,
  });
}
