/**
 * What a closure image takes from the runner: an allow-list by name, never a whole folder of the runner's own state.
 * Only files that everybody on the runner may read are taken.
 */
export const PROGRAMS: readonly string[] = [
  ...["bash", "sh", "dash", "env", "cat", "ls", "cp", "mv", "rm", "mkdir", "rmdir", "ln", "chmod", "chown", "touch", "head", "tail"],
  ...["sort", "uniq", "wc", "cut", "tr", "tee", "date", "sleep", "true", "false", "test", "[", "expr", "printf", "echo", "pwd"],
  ...["basename", "dirname", "readlink", "realpath", "stat", "du", "df", "id", "whoami", "uname", "seq", "sha1sum", "sha256sum"],
  ...["sha512sum", "md5sum", "base64", "dd", "mktemp", "mkfifo", "nproc", "timeout", "xargs", "find", "grep", "egrep", "fgrep", "sed"],
  ...["awk", "mawk", "gawk", "diff", "diff3", "cmp", "comm", "patch", "tar", "gzip", "gunzip", "zcat", "xz", "unxz", "bzip2", "bunzip2"],
  ...["zstd", "unzip", "zip", "git", "rg", "jq", "less", "ps", "pgrep", "pkill", "kill", "free", "top", "which", "file", "tree", "curl"],
  ...[
    "wget",
    "openssl",
    "install",
    "yes",
    "nohup",
    "nice",
    "stdbuf",
    "split",
    "csplit",
    "paste",
    "join",
    "fold",
    "fmt",
    "nl",
    "od",
    "hexdump",
  ],
  ...["xxd", "shuf", "tac", "rev", "tsort", "truncate", "sync", "tty", "stty", "hostname", "getconf", "getent", "locale", "ldd", "flock"],
  ...["column", "setsid", "getopt", "logger", "numfmt", "factor", "cksum", "b2sum", "arch", "groups", "logname", "link", "unlink", "vi"],
  ...["more", "bc", "dc", "m4", "sqlite3", "ed"],
  ...["mknod", "chgrp", "chroot", "expand", "unexpand", "pr", "sum", "shred", "pathchk", "dircolors", "uptime", "clear", "tput", "watch"],
  ...["lscpu", "whereis", "rsync", "lz4", "lsof", "strace", "time", "script", "rename", "cmake", "ninja", "autoconf", "automake"],
];

/** Files and folders taken with a group of programs. Groups later in the list are left out when the image would grow too large. */
export interface ProgramGroup {
  readonly name: string;
  readonly programs: readonly string[];
  readonly trees: readonly string[];
  /** Programs inside the trees whose libraries are needed. */
  readonly nested?: readonly string[];
}

export const GROUPS: readonly ProgramGroup[] = [
  {
    name: "base",
    programs: PROGRAMS,
    trees: [
      "/usr/lib/git-core",
      "/usr/share/git-core",
      "/etc/ssl/certs",
      "/usr/share/ca-certificates",
      "/usr/share/terminfo",
      "/lib/terminfo",
    ],
    nested: ["/usr/lib/git-core/git-remote-http", "/usr/lib/git-core/git-http-fetch", "/usr/lib/git-core/git-imap-send"],
  },
  { name: "time zones", programs: [], trees: ["/usr/share/zoneinfo"] },
  {
    name: "python",
    programs: ["python3", "pip3", "pip"],
    trees: ["/usr/lib/python3", ...["9", "10", "11", "12", "13", "14"].map((minor) => `/usr/lib/python3.${minor}`)],
  },
  {
    name: "perl",
    programs: ["perl"],
    trees: [
      "/usr/lib/x86_64-linux-gnu/perl-base",
      "/usr/lib/x86_64-linux-gnu/perl",
      "/usr/share/perl",
      "/usr/lib/x86_64-linux-gnu/perl5",
      "/usr/share/perl5",
    ],
  },
  {
    name: "make and the C compiler",
    programs: [
      "make",
      "gcc",
      "g++",
      "cc",
      "c++",
      "cpp",
      "as",
      "ld",
      "ld.bfd",
      "ar",
      "nm",
      "ranlib",
      "strip",
      "objdump",
      "objcopy",
      "readelf",
      "strings",
      "pkg-config",
    ],
    trees: ["/usr/lib/gcc/x86_64-linux-gnu", "/usr/include"],
  },
];

/** Needed to link a program: files of `/usr/lib/x86_64-linux-gnu` that are no shared library of a program above. */
export const LINK_TIME_FILES =
  /^(?:(?:lib(?:c|m|pthread|dl|rt|util|resolv|c_nonshared|mvec|m-2\.\d+|mvec_nonshared)\.(?:a|so))|[SMgcr]*crt[1in]\.o)$/;

/** Single files of `/etc` that tell how the system is put together. */
export const SETTINGS_FILES: readonly string[] = [
  "/etc/ld.so.cache",
  "/etc/ld.so.conf",
  "/etc/services",
  "/etc/protocols",
  "/etc/mime.types",
  "/etc/os-release",
  "/usr/lib/os-release",
  "/etc/ssl/openssl.cnf",
  "/usr/share/misc/magic.mgc",
  "/usr/lib/file/magic.mgc",
];

/**
 * Looked up by name at run time, so ldd of the programs does not show them: name service, unwinding, and the parts of the C library that
 * programs brought in by layers (an agent's own binary) are linked with. Also libstdc++, which most of those need.
 */
export const RUN_TIME_LIBRARIES: readonly string[] = [
  "libnss_files.so.2",
  "libnss_dns.so.2",
  "libgcc_s.so.1",
  "libstdc++.so.6",
  "libm.so.6",
  "libdl.so.2",
  "librt.so.1",
  "libpthread.so.0",
  "libutil.so.1",
  "libresolv.so.2",
  "libanl.so.1",
];

/** Bytes of the whole image before groups are left out. */
export const MAX_CLOSURE_BYTES = 1_400_000_000;
