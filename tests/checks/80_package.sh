# The Debian package, installed, started and removed under a real systemd.
check_package() {
    ((EUID == 0)) || { echo "needs root"; return 77; }
    command -v systemd-nspawn >/dev/null || { echo "there is no systemd-nspawn"; return 77; }
    packaging/make_package.sh build/package && tests/package.sh "$(ls -t build/package/*.deb | head -n 1)"
}
checks+=(package)
