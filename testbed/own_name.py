"""A host name for one daemon: namespaces of the network leave it the machine's."""

import pathlib


def words(folder, name, command):
    """The words to run `command` with, on a host of that name. `folder`: where what it needs may lie."""
    # It looks its own name up, which must not ask this machine's resolver.
    pathlib.Path(folder, "hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 {name}\n")
    own = 'mount --bind "$0/hosts" /etc/hosts && hostname "$1" && shift && exec "$@"'
    return ["unshare", "--uts", "--mount", "sh", "-c", own, str(folder), name, *map(str, command)]
