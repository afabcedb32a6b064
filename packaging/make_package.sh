#!/usr/bin/env bash
# Makes the Debian package from what is built: make_package.sh OUTPUT_FOLDER. Called by ./yagura package.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=$1
release=$root/build/release
version=$("$release/yagura" --version | awk '{print $2}')
architecture=$(dpkg --print-architecture)
tree=$out/tree
rm -rf "$tree"
mkdir -p "$tree"/{DEBIAN,usr/bin,usr/share/yagura,usr/share/doc/yagura,lib/systemd/system,etc/yagura}

for program in yagura yagura-center yagura-sensor yagura-ask; do
    install -m 0755 "$release/$program" "$tree/usr/bin/$program"
    strip --strip-unneeded "$tree/usr/bin/$program"
done
cp -r "$root/console/dist" "$tree/usr/share/yagura/console"
install -m 0644 "$root"/packaging/systemd/* "$tree/lib/systemd/system/"
install -m 0644 "$root/packaging/yagura.toml" "$tree/etc/yagura/yagura.toml"
install -m 0644 "$root/README.md" "$root/README.ja.md" "$root/LICENSE" "$tree/usr/share/doc/yagura/"
"$release/yagura" explain-config >"$tree/usr/share/doc/yagura/settings.md"
install -m 0755 "$root"/packaging/debian/{postinst,prerm,postrm} "$tree/DEBIAN/"
echo /etc/yagura/yagura.toml >"$tree/DEBIAN/conffiles"

# What the programs are linked with, by package: from the files themselves, not from a list kept by hand.
depends=$(for program in "$tree"/usr/bin/*; do ldd "$program"; done | awk '$3 ~ /^\// {print $3}' | sort -u |
    while read -r library; do
        dpkg-query -S "$(readlink -f "$library")" 2>/dev/null || dpkg-query -S "*/$(basename "$library")"
    done | cut -d: -f1 | sort -u | paste -sd, | sed 's/,/, /g')
cat >"$tree/DEBIAN/control" <<TEXT
Package: yagura
Version: $version
Architecture: $architecture
Maintainer: Yagura <maintainers@yagura.invalid>
Section: net
Priority: optional
Depends: $depends, adduser, ieee-data, tzdata
Recommends: fonts-noto-cjk
Installed-Size: $(du -sk "$tree" | cut -f1)
Description: see, segment and watch a factory's network
 Yagura listens at a switch's mirror port and shows a plant's devices, who talks
 to whom and in which industrial acts. It only listens; asking devices who they
 are is a program of its own, off until somebody plans it.
TEXT
(cd "$tree" && find usr lib -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
chmod -R u=rwX,go=rX "$tree/usr" "$tree/lib"
dpkg-deb --root-owner-group --build "$tree" "$out/yagura_${version}_$architecture.deb"
rm -rf "$tree"
