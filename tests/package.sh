#!/usr/bin/env bash
# Installs, starts, uses and removes the Debian package under a real systemd: this machine's own root as the lower
# layer of an overlay, booted by systemd-nspawn, so that nothing here is changed. As root.
#
#   tests/package.sh PACKAGE.deb
set -euo pipefail
package=$(readlink -f "$1")
work=$(mktemp -d -p "${TMPDIR:-/tmp}" yagura-package-XXXXXX)
leave() {
    umount "$work/root" 2>/dev/null || true
    umount "$work" 2>/dev/null || true
    rmdir "$work" 2>/dev/null || true
}
trap leave EXIT
mount -t tmpfs tmpfs "$work"
mkdir "$work"/{upper,work,root}
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/work" "$work/root"
root=$work/root

install -m 0644 "$package" "$root/root/yagura.deb"
cat >"$root/root/inside.sh" <<'INSIDE'
#!/bin/bash
# What a person does, in order. Each line that fails ends it; the last line says that all of it held.
set -euxo pipefail
dpkg -i /root/yagura.deb
systemctl is-active yagura-records.socket
for i in $(seq 100); do
    curl -sk -o /dev/null https://127.0.0.1:8443/ && break
    sleep 0.2
done
systemctl is-active yagura-center.service
curl -skf https://127.0.0.1:8443/ | grep -qi '<title>'
test "$(ps -o user= -p "$(systemctl show -p MainPID --value yagura-center.service)")" = yagura
test -s /var/lib/yagura/first-password
test "$(stat -c %a /var/lib/yagura/first-password)" = 600
# A sensor on an interface of its own.
ip link add span0 type veth peer name plant0
ip link set span0 up; ip link set plant0 up
sed -i 's/^# interfaces = .*/interfaces = ["span0"]/' /etc/yagura/yagura.toml
yagura check-config
touch /etc/yagura/sensor.enabled
systemctl restart yagura-sensor.service
sleep 2
systemctl is-active yagura-sensor.service
pid=$(systemctl show -p MainPID --value yagura-sensor.service)
grep -q '^Seccomp:.2' "/proc/$pid/status"
grep -qE '^CapEff:.0+$' "/proc/$pid/status"
test "$(cat /sys/class/net/span0/statistics/tx_packets)" -le 20   # What the kernel says by itself (IPv6), nothing of ours.
systemctl kill -s KILL yagura-center.service
sleep 4
systemctl is-active yagura-center.service
systemctl is-active yagura-sensor.service
# Active queries are off; with a plan and the file that enables them, a device of the plan is asked.
systemctl start yagura-ask.service
test "$(systemctl show -p MainPID --value yagura-ask.service)" = 0
ip address add 10.9.0.1/24 dev plant0
cat >/etc/yagura/ask.toml <<'PLAN'
[[subnet]]
network = "10.9.0.0/24"
addresses = ["10.9.0.7"]
services = ["cip"]
windows = ["Mon-Sun 00:00-24:00"]
every-ms = 500
approved-by = "the test"
approved = "2026-01-01T00:00:00Z"
PLAN
sed -i 's/^# plan = .*/plan = "\/etc\/yagura\/ask.toml"/' /etc/yagura/yagura.toml
yagura check-config
touch /etc/yagura/ask.enabled
systemctl restart yagura-ask.service
sleep 2
systemctl is-active yagura-ask.service
pid=$(systemctl show -p MainPID --value yagura-ask.service)
test "$(ps -o user= -p "$pid")" = yagura-ask
grep -q '^Seccomp:.2' "/proc/$pid/status"
grep -qE '^CapEff:.0+$' "/proc/$pid/status"
grep -q '"way":"sent","address":"10.9.0.7","port":44818,"service":"cip"' /var/lib/yagura/ask/ask-1.log
test "$(stat -c %U /var/lib/yagura/ask/asked)" = yagura-ask
systemctl is-active yagura-center.service
dpkg -r yagura
test ! -e /usr/bin/yagura
test -d /var/lib/yagura
dpkg -P yagura
test ! -e /var/lib/yagura
echo ALL-OF-IT-HELD
INSIDE
chmod +x "$root/root/inside.sh"
cat >"$root/etc/systemd/system/inside.service" <<'UNIT'
[Unit]
Description=The test
DefaultDependencies=no
After=basic.target
[Service]
Type=oneshot
ExecStart=/bin/bash -c '/root/inside.sh >/root/said 2>&1; journalctl --no-pager -u "yagura*" >/root/journal 2>&1; systemctl poweroff --force'
TimeoutStartSec=150
UNIT
cat >"$root/etc/systemd/system/inside.target" <<'UNIT'
[Unit]
Requires=basic.target inside.service
AllowIsolate=yes
UNIT
rm -f "$root/etc/machine-id"
SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 timeout 240 systemd-nspawn -q --register=no --keep-unit --link-journal=no --private-network \
    --capability=all --console=pipe -D "$root" -b systemd.unit=inside.target systemd.mask=systemd-networkd-wait-online.service >/dev/null 2>&1 || true
cat "$root/root/said" 2>/dev/null || echo "nothing was said: systemd did not come up in the container"
grep -q ALL-OF-IT-HELD "$root/root/said" && exit 0
cat "$root/root/journal" 2>/dev/null | tail -n 60
exit 1
