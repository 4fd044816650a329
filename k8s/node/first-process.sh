#!/bin/bash
# The first process of the node, in namespaces of its own; when it ends, every process, mount, link and rule of the
# node ends with it. Prints a line per step; makes the file `ready` in $RUN when pods can run.
set -euo pipefail
export LC_ALL=C
certificates=$RUN/certificates

start() { # name command...
  local name=$1
  shift
  "$@" >"$LOGS/$name.log" 2>&1 &
}

wait_for() { # what command...
  local what=$1 tries=0
  shift
  until "$@" >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 900 ] || { echo "gave up on $what; the logs are in $LOGS"; exit 1; }
    sleep 0.2
  done
  echo "$what"
}

ctl() { KUBECONFIG=$certificates/admin.conf "$BIN/kube" ctl "$@"; }

private_files() {
  mount --make-rshared /
  mount -t overlay usr -o "lowerdir=$DEBIAN/root/usr:/usr" /usr
  # containerd, CNI and the kubelet have files in fixed places.
  for folder in /run /var/log /opt; do mount -t tmpfs tmpfs "$folder"; done
  mkdir -p "$RUN/var-lib" "$RUN/var-lib-work"
  mount -t overlay var-lib -o "lowerdir=/var/lib,upperdir=$RUN/var-lib,workdir=$RUN/var-lib-work" /var/lib
  # The kubelet writes settings of the kernel that are the whole machine's: it gets files instead.
  mkdir -p "$RUN/kernel"
  for each in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
    kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
    file=$RUN/kernel/${each//\//-}
    echo "${each#*=}" >"$file"
    mount --bind "$file" "/proc/sys/${each%=*}"
  done
}

private_network() {
  hostname "$NODE_NAME"
  ip link set lo up
  # One end of a pair, because the kernel may lack dummy links. Packets to elsewhere go to the other end and are lost.
  ip link add node0 type veth peer name node1
  ip addr add "$NODE_ADDRESS/24" dev node0
  ip link set node0 up
  ip link set node1 up
  ip route add default via "$NOWHERE_ADDRESS" dev node0
  echo 1 >/proc/sys/net/ipv4/ip_forward
  echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter
  [ ! -e /proc/sys/net/bridge ] || echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables
}

api_server() {
  mkdir -p "$RUN/etcd"
  chmod 700 "$RUN/etcd"
  start etcd etcd --data-dir "$RUN/etcd" --unsafe-no-fsync --logger zap \
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
    --listen-peer-urls http://127.0.0.1:2380
  start apiserver "$BIN/kube" apiserver --etcd-servers=http://127.0.0.1:2379 \
    --bind-address=0.0.0.0 --advertise-address="$NODE_ADDRESS" --secure-port=6443 --endpoint-reconciler-type=lease \
    --tls-cert-file="$certificates/apiserver.crt" --tls-private-key-file="$certificates/apiserver.key" \
    --client-ca-file="$certificates/ca.crt" --service-cluster-ip-range="$SERVICE_ADDRESSES" \
    --service-account-issuer=https://kubernetes.default.svc \
    --service-account-key-file="$certificates/accounts.pub" \
    --service-account-signing-key-file="$certificates/accounts.key" \
    --kubelet-client-certificate="$certificates/admin.crt" --kubelet-client-key="$certificates/admin.key" \
    --kubelet-preferred-address-types=InternalIP --allow-privileged=true \
    --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction
  wait_for "API server ready" ctl get --raw /readyz
}

controllers() {
  start controller-manager "$BIN/kube" controller-manager --kubeconfig="$certificates/admin.conf" --leader-elect=false \
    --service-account-private-key-file="$certificates/accounts.key" --root-ca-file="$certificates/ca.crt" \
    --cluster-cidr="$POD_ADDRESSES"
  start scheduler "$BIN/kube" scheduler --kubeconfig="$certificates/admin.conf" --leader-elect=false
}

pods() {
  wait_for "containerd ready" ctr -a "$RUN/containerd.sock" version
  for image in "$IMAGES"/*.tar; do
    ctr -a "$RUN/containerd.sock" -n k8s.io images import "$image" >>"$LOGS/images.log" 2>&1
  done
  start kubelet "$BIN/kube" kubelet --config="$RUN/kubelet.yaml" --kubeconfig="$certificates/kubelet.conf" \
    --root-dir="$RUN/kubelet" --cert-dir="$certificates" --hostname-override="$NODE_NAME" --node-ip="$NODE_ADDRESS"
  wait_for "node registered" ctl get node "$NODE_NAME"
  start proxy "$BIN/kube" proxy --config="$RUN/proxy.yaml"
  start policies "$BIN/policies" --kubeconfig="$certificates/admin.conf" --hostname-override="$NODE_NAME" \
    --service-cluster-ip-range="$SERVICE_ADDRESSES"
  wait_for "node ready" ctl wait --for=condition=Ready "node/$NODE_NAME" --timeout=1s
  ctl apply -f "$HERE/dns.yaml" >/dev/null
  wait_for "cluster DNS ready" ctl -n kube-system rollout status deployment/coredns --timeout=1s
  mount --bind "$RUN/resolv.conf" /etc/resolv.conf
}

private_files
private_network
start containerd containerd -c "$RUN/containerd.toml"
api_server
if [ "$ONLY_API" != true ]; then
  controllers
  pods
fi
touch "$RUN/ready"
trap 'exit 0' TERM
while :; do
  sleep 3600 &
  wait $! || true
done
