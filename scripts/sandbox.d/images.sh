# shellcheck shell=bash
# Container images without a registry: archives in the form of `docker save`, with one layer each. Sourced by cache.sh.

# write_images OUT SYSTEM KUBERNETES
write_images() {
  local out=$1 system=$2 kubernetes=$3 name library
  local layer=$out/layer
  local certificates=$system/etc/ssl/certs/ca-certificates.crt

  install -D "$kubernetes/usr/local/libexec/pause" "$layer/pause"
  write_image "$out" k8s.gcr.io/pause:3.2 "$layer" '"Entrypoint":["/pause"],'

  for name in kube-apiserver kube-controller-manager kube-scheduler; do
    install -D "$kubernetes/usr/local/bin/$name" "$layer/usr/local/bin/$name"
    install -D -m 644 "$certificates" "$layer/etc/ssl/certs/ca-certificates.crt"
    write_image "$out" "k8s.gcr.io/$name:$KUBERNETES_VERSION" "$layer" ''
  done

  # Debian's etcd is linked dynamically.
  install -D -t "$layer/usr/local/bin" "$system/usr/bin/etcd" "$system/usr/bin/etcdctl"
  while read -r library; do
    install -D "$system$(chroot "$system" readlink -f "$library")" "$layer$library"
  done < <(chroot "$system" sh -c 'ldd /usr/bin/etcd /usr/bin/etcdctl' | grep -oE '/[^ ]+\.so[^ ]*' | sort -u)
  write_image "$out" k8s.gcr.io/etcd:3.4.13-0 "$layer" ''
}

# write_image OUT REFERENCE LAYER CONFIG: takes the layer's directory and leaves it empty for the next.
write_image() {
  local out=$1 reference=$2 layer=$3 config=$4 work=$1/image digest name
  mkdir -p "$layer"/{tmp,etc,proc,sys,dev} "$work"
  tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$layer" -cf "$work/layer.tar" .
  digest=$(sha256sum "$work/layer.tar" | cut -d' ' -f1)
  {
    printf '{"architecture":"amd64","os":"linux","config":{%s"Env":["PATH=%s"]},' \
      "$config" /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    printf '"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' "$digest"
  } > "$work/config.json"
  printf '[{"Config":"config.json","RepoTags":["%s"],"Layers":["layer.tar"]}]' "$reference" > "$work/manifest.json"
  name=${reference##*/}
  name=${name//:/_}
  tar -C "$work" -cf "$out/$name.tar" config.json layer.tar manifest.json
  printf '%s\n' "$reference" > "$out/$name.ref"
  rm -rf "$layer" "$work"
}
