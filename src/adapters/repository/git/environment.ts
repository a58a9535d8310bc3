/** Everything that decides how git behaves; nothing is inherited (I1). */
export interface EnvironmentOptions {
  /** The bare repository. */
  readonly directory: string;
  /** Colon-separated directories that hold `git`. */
  readonly searchPath: string;
  /** Proxy and certificate variables of the runner; only names in `NETWORK_NAMES` are passed on. */
  readonly network: Readonly<Record<string, string>>;
  /** Allows `file:` remotes. For tests and the demo. */
  readonly allowFileRemotes: boolean;
}

export type GitConfig = readonly (readonly [key: string, value: string])[];

const NETWORK_NAMES = new Set([
  "HTTPS_PROXY",
  "https_proxy",
  "NO_PROXY",
  "no_proxy",
  "ALL_PROXY",
  "all_proxy",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "GIT_SSL_CAINFO",
]);

/** Blobs above this are neither diffed line by line nor searched for deltas, so that no content can make git slow. */
const BIG_FILE_BYTES = 16 * 1024 * 1024;

const CONFIG: GitConfig = [
  ["core.hooksPath", "/dev/null"],
  ["core.fsmonitor", "false"],
  ["core.untrackedCache", "false"],
  ["core.attributesFile", "/dev/null"],
  ["core.excludesFile", "/dev/null"],
  ["core.protectHFS", "true"],
  ["core.protectNTFS", "true"],
  ["core.ignoreCase", "false"],
  ["core.precomposeUnicode", "false"],
  ["core.autocrlf", "false"],
  ["core.bigFileThreshold", String(BIG_FILE_BYTES)],
  ["core.compression", "1"],
  ["credential.helper", ""],
  ["transfer.fsckObjects", "true"],
  ["transfer.bundleURI", "false"],
  ["fetch.recurseSubmodules", "false"],
  ["submodule.recurse", "false"],
  ["fetch.fsck.zeroPaddedFilemode", "warn"],
  ["fetch.fsck.missingSpaceBeforeDate", "warn"],
  ["fetch.fsck.badTimezone", "warn"],
  ["fetch.fsck.missingSpaceBeforeEmail", "warn"],
  ["fetch.fsck.missingEmail", "warn"],
  ["fastimport.unpackLimit", "1"],
  ["fetch.unpackLimit", "1"],
  ["gc.auto", "0"],
  ["maintenance.auto", "false"],
  ["pack.threads", "2"],
  ["http.followRedirects", "false"],
  ["http.sslVerify", "true"],
  ["protocol.allow", "never"],
];

/** The environment of one git process. `config` comes last and so overrides the fixed settings. */
export function gitEnvironment(options: EnvironmentOptions, config: GitConfig): Record<string, string> {
  const network = Object.entries(options.network).filter(([name]) => NETWORK_NAMES.has(name));
  const settings: GitConfig = [...CONFIG, ...protocols(options), ...config];
  const env: Record<string, string> = {
    ...Object.fromEntries(network),
    PATH: options.searchPath,
    HOME: "/nonexistent",
    XDG_CONFIG_HOME: "/nonexistent",
    LC_ALL: "C",
    TZ: "UTC",
    GIT_DIR: options.directory,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_SYSTEM: "/dev/null",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: "",
    SSH_ASKPASS: "",
    GIT_SSH_COMMAND: "false",
    GIT_PROTOCOL_FROM_USER: "0",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_NO_LAZY_FETCH: "1",
    GIT_LITERAL_PATHSPECS: "1",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_PAGER: "cat",
    GIT_EDITOR: "false",
    GIT_CONFIG_COUNT: String(settings.length),
  };
  for (const [index, [key, value]] of settings.entries()) {
    env[`GIT_CONFIG_KEY_${index}`] = key;
    env[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  return env;
}

function protocols(options: EnvironmentOptions): GitConfig {
  const open: GitConfig = [
    ["protocol.https.allow", "always"],
    ["protocol.http.allow", "always"],
  ];
  return options.allowFileRemotes ? [...open, ["protocol.file.allow", "always"]] : open;
}
