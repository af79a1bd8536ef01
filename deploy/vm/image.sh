#!/bin/bash
# Makes what the test VM boots from, once per kernel and per state of this folder: the initrd and the base root file system.
#
#   image.sh KERNEL_DIR OUT_DIR
#
# KERNEL_DIR is a kernel package unpacked by dpkg -x. OUT_DIR gets vmlinuz, initrd.gz and base.ext4. The base holds busybox, the
# kernel modules that containers and CNI plugins want, from this machine's Debian iptables, nft, ip and tc with their libraries, the
# parser of AppArmor profiles, as Debian's kernel has AppArmor on, and a policy for SELinux, which it has too.
set -euo pipefail

HERE=$(cd "$(dirname "$0")" && pwd)
CACHE=${CORACLE_CACHE:-$HOME/.cache/coracle}
KERNEL_DIR=$1
OUT=$2
BUSYBOX=$CACHE/bin/busybox
BOOT_MODULES="virtio_pci virtio_blk"
MODULES="overlay veth bridge br_netfilter loop dummy ifb tun fuse squashfs virtio_net vxlan ipvlan macvlan
    nf_tables nft_compat nft_chain_nat nft_nat nft_masq nft_ct nft_counter nft_fib nft_fib_ipv4 nft_fib_ipv6 nft_fib_inet nft_reject_inet nft_redir nft_numgen nft_log
    ip_tables ip6_tables iptable_nat iptable_filter iptable_mangle iptable_raw ip6table_nat ip6table_filter ip6table_mangle
    x_tables xt_MASQUERADE xt_comment xt_mark xt_connmark xt_multiport xt_conntrack xt_addrtype xt_statistic xt_tcpudp xt_nat
    xt_limit xt_physdev xt_REDIRECT xt_set ip_set ip_set_hash_ip ip_set_hash_net nf_conntrack nf_nat sch_tbf sch_ingress act_mirred cls_u32 cls_matchall
    dm_mod dm_verity erofs xfs"

work=$(mktemp -d "$CACHE/vm-image.XXXXXX")
trap 'rm -rf "$work"' EXIT

main() {
    local version
    modules_dir=$KERNEL_DIR/lib/modules
    [ -d "$modules_dir" ] || modules_dir=$KERNEL_DIR/usr/lib/modules
    version=$(basename "$modules_dir"/[0-9]*)
    complete_modules "$version"
    initrd "$version"
    base "$version"
    mkdir -p "$OUT"
    cp "$KERNEL_DIR/boot/vmlinuz-$version" "$OUT/vmlinuz"
    mv "$work/initrd.gz" "$work/base.ext4" "$OUT/"
}

# A tree of our own with the modules wanted and all they depend on, uncompressed, with its own modules.dep.
complete_modules() {
    local version=$1 full=$work/full tree=$work/modules m file
    mkdir -p "$full/lib/modules" "$tree/lib/modules/$version"
    cp -r "$modules_dir/$version" "$full/lib/modules/"
    find "$full" -name '*.ko.xz' -exec unxz {} +
    depmod -b "$full" "$version"
    for m in $BOOT_MODULES $MODULES; do
        modprobe -S "$version" -d "$full" --show-depends "$m" 2> /dev/null | awk '$1 == "insmod" { print $2 }' || true # built in, or not of this kernel
    done | sort -u | while read -r file; do
        install -D -m 644 "$file" "$tree/${file#"$full/"}"
    done
    cp "$full/lib/modules/$version"/modules.{order,builtin,builtin.modinfo} "$tree/lib/modules/$version/"
    depmod -b "$tree" "$version"
}

initrd() {
    local version=$1 root=$work/initrd m
    mkdir -p "$root"/{bin,proc,dev,new,mods}
    cp "$BUSYBOX" "$root/bin/busybox"
    ln -s busybox "$root/bin/sh"
    for m in $BOOT_MODULES; do
        modprobe -S "$version" -d "$work/modules" --show-depends "$m" | awk '$1 == "insmod" { print $2 }'
    done | awk '!seen[$0]++' | while read -r m; do
        cp "$m" "$root/mods/"
        echo "/bin/busybox insmod /mods/$(basename "$m")" >> "$root/load"
    done
    cat > "$root/init" << 'I'
#!/bin/sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t devtmpfs dev /dev
. /load
/bin/busybox mount -t ext4 -o noatime /dev/vda /new || exec /bin/busybox poweroff -f
/bin/busybox umount /proc
/bin/busybox mount --move /dev /new/dev
exec /bin/busybox switch_root /new /sbin/init
I
    chmod +x "$root/init"
    (cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) > "$work/initrd.gz"
}

base() {
    local version=$1 root=$work/base a d
    mkdir -p "$root"/{proc,sys,dev,run,tmp,etc,root,payload,opt,mnt,disk1,disk2,disk3,disk4,usr/{bin,sbin,lib,lib64,libexec,share},var/{lib,log,tmp,cache}}
    for d in bin sbin lib lib64; do ln -s "usr/$d" "$root/$d"; done
    ln -s ../run "$root/var/run"
    chmod 1777 "$root/tmp" "$root/var/tmp"
    chmod 700 "$root/root"
    cp "$BUSYBOX" "$root/usr/bin/busybox"
    for a in $("$BUSYBOX" --list); do [ "$a" = busybox ] || ln -s busybox "$root/usr/bin/$a"; done
    for a in modprobe poweroff; do ln -s ../bin/busybox "$root/usr/sbin/$a"; done
    mkdir -p "$root/usr/lib/modules"
    cp -r "$work/modules/lib/modules/$version" "$root/usr/lib/modules/"
    files "$root"
    program "$root" /usr/bin/dash # busybox's shell takes its own applets before what is in PATH
    ln -sf dash "$root/usr/bin/sh"
    for a in ip nft tc curl xtables-nft-multi unshare nsenter findmnt getpcaps capsh strace ipcmk ipcrm stat; do
        a=$(PATH=/usr/sbin:/usr/bin type -P $a) && program "$root" "$a"
    done
    [ -e "$root/usr/sbin/xtables-nft-multi" ] && for a in iptables ip6tables iptables-save ip6tables-save iptables-restore ip6tables-restore iptables-nft; do
        ln -sf xtables-nft-multi "$root/usr/sbin/$a"
    done
    apparmor "$root"
    selinux "$root"
    for a in libdl.so.2 libpthread.so.0 librt.so.1 libm.so.6 libutil.so.1 libresolv.so.2 libgcc_s.so.1 libstdc++.so.6 libz.so.1 libseccomp.so.2; do
        a=/usr/lib/x86_64-linux-gnu/$a # what a JVM and its native libraries load
        [ ! -e $a ] || install -D -m 755 "$(readlink -f $a)" "$root$a"
    done
    mkdir -p "$root/usr/lib/locale"
    cp -r /usr/lib/locale/C.utf8 "$root/usr/lib/locale/"
    [ -d /usr/lib/x86_64-linux-gnu/xtables ] && cp -r /usr/lib/x86_64-linux-gnu/xtables "$root/usr/lib/x86_64-linux-gnu/"
    install -m 755 "$HERE/guest-init" "$root/usr/sbin/init"
    truncate -s 1500M "$work/base.ext4"
    mke2fs -q -t ext4 -E root_owner=0:0 -L base -d "$root" "$work/base.ext4"
}

files() {
    printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n' > "$1/etc/passwd"
    printf 'root:x:0:\ntty:x:5:\nnogroup:x:65534:\n' > "$1/etc/group"
    printf '127.0.0.1 localhost node\n::1 localhost\n' > "$1/etc/hosts"
    printf 'nameserver 192.0.2.53\nsearch test.invalid\n' > "$1/etc/resolv.conf"
    printf 'hosts: files dns\npasswd: files\ngroup: files\n' > "$1/etc/nsswitch.conf"
    printf '0123456789abcdef0123456789abcdef\n' > "$1/etc/machine-id"
    printf 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Coracle test VM"\n' > "$1/etc/os-release"
}

# What critest loads its profiles with: as root, but by sudo.
apparmor() {
    cp -r "$CACHE/deb-apparmor/etc/apparmor" "$CACHE/deb-apparmor/etc/apparmor.d" "$1/etc/"
    cp -r "$CACHE/deb-apparmor/usr/share/apparmor-features" "$1/usr/share/"
    install -m 755 "$CACHE/deb-apparmor/sbin/apparmor_parser" "$1/usr/sbin/"
    printf '#!/bin/sh\nexec "$@"\n' > "$1/usr/bin/sudo"
    chmod 755 "$1/usr/bin/sudo"
}

# A policy of our own, for kernels booted with security=selinux: guest-init loads it.
selinux() {
    local etc=$1/etc/selinux/test
    mkdir -p "$etc/contexts"
    {
        seq -f '(category c%g)' 0 1023
        echo "(categoryorder ($(seq -s ' ' -f 'c%g' 0 1023)))"
        echo '(categoryset every (range c0 c1023))'
    } > "$work/categories.cil"
    "$CACHE/deb-secilc/usr/bin/secilc" -M true -c 33 -f /dev/null -o "$etc/policy" "$work/categories.cil" "$HERE/selinux.cil"
    printf 'SELINUX=permissive\nSELINUXTYPE=test\n' > "$1/etc/selinux/config"
    printf '%s = "system_u:%s:s0"\n' process system_r:container_t file object_r:container_file_t ro_file object_r:container_ro_file_t > "$etc/contexts/lxc_contexts"
}

# program ROOT PATH: the program and the libraries that it is linked with, at their places; a link to busybox gives way
program() {
    local root=$1 dest=$1/usr/${2#/usr/} lib
    rm -f "$dest" "$root/usr/bin/$(basename "$2")"
    install -D -m 755 "$(readlink -f "$2")" "$dest"
    ldd "$2" 2> /dev/null | grep -o '/[^ ]*' | while read -r lib; do
        [ -e "$root$lib" ] || install -D -m 755 "$(readlink -f "$lib")" "$root$lib"
    done || true # static
}

main
