import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { addresses, cgroup, type NodeFolders, nodeName } from "./folders.ts";

/** Writes the settings of every program of the node. */
export function writeSettings({ run }: NodeFolders): void {
  mkdirSync(join(run, "cni"), { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(run, name), text);
  write("containerd.toml", containerd(run));
  write("cni/10-node.conflist", JSON.stringify(podNetwork(run)));
  write("kubelet.yaml", stringify(kubelet(run)));
  write("proxy.yaml", stringify(proxy(run)));
  // The node's own programs find pods by the names of the cluster.
  write("resolv.conf", `nameserver ${addresses.dns}\noptions ndots:1\n`);
  write("no-resolv.conf", "nameserver 127.0.0.1\n");
}

/** The process may lack CAP_SYS_RESOURCE, and the machine AppArmor and huge pages. */
function containerd(run: string): string {
  return `version = 2
root = "${run}/containerd/root"
state = "${run}/containerd/state"
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
  "io.containerd.internal.v1.tracing",
  "io.containerd.tracing.processor.v1.otlp",
]

[grpc]
  address = "${run}/containerd.sock"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  disable_apparmor = true
  restrict_oom_score_adj = true
  disable_hugetlb_controller = true
  tolerate_missing_hugetlb_controller = true

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${run}/cni"

  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"

    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      BinaryName = "/usr/sbin/runc"
      SystemdCgroup = false
`;
}

function podNetwork(run: string) {
  return {
    cniVersion: "0.4.0",
    name: "node",
    plugins: [
      {
        type: "bridge",
        bridge: "pods0",
        isGateway: true,
        ipMasq: false,
        hairpinMode: true,
        ipam: {
          type: "host-local",
          dataDir: join(run, "addresses"),
          ranges: [[{ subnet: addresses.pods }]],
          routes: [{ dst: "0.0.0.0/0" }],
        },
      },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  };
}

function kubelet(run: string) {
  const certificates = join(run, "certificates");
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    failCgroupV1: false,
    cgroupDriver: "cgroupfs",
    cgroupRoot: cgroup,
    failSwapOn: false,
    oomScoreAdj: 0,
    maxPods: 100,
    containerRuntimeEndpoint: `unix://${run}/containerd.sock`,
    authentication: { anonymous: { enabled: false }, x509: { clientCAFile: join(certificates, "ca.crt") } },
    tlsCertFile: join(certificates, "kubelet.crt"),
    tlsPrivateKeyFile: join(certificates, "kubelet.key"),
    clusterDNS: [addresses.dns],
    clusterDomain: "cluster.local",
    resolvConf: join(run, "no-resolv.conf"),
    podLogsDir: join(run, "pod-logs"),
    volumePluginDir: join(run, "volume-plugins"),
    // The disk belongs to the machine: only what is nearly full may cost pods or images.
    localStorageCapacityIsolation: false,
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    evictionHard: {
      "memory.available": "100Mi",
      "nodefs.available": "1%",
      "imagefs.available": "1%",
      "nodefs.inodesFree": "1%",
    },
  };
}

/** The limits of connection tracking are the machine's, and not to be written from a namespace. */
function proxy(run: string) {
  return {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "iptables",
    clientConnection: { kubeconfig: join(run, "certificates/admin.conf") },
    clusterCIDR: addresses.pods,
    hostnameOverride: nodeName,
    bindAddress: addresses.node,
    oomScoreAdj: 0,
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
  };
}
