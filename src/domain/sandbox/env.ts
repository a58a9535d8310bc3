/** Environment of every command in a sandbox; nothing of the runner's is inherited. */
export const GUEST_ENV = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/home/agent",
  USER: "agent",
  LOGNAME: "agent",
  SHELL: "/bin/bash",
  LANG: "C.UTF-8",
  TERM: "dumb",
  CI: "true",
} as const;

/** The guest's own name, which its `/etc/hosts` maps to loopback. A cloud provider's guest may have another. */
export const GUEST_HOST_NAME = "airlock";
