import { AirlockError } from "../../../domain/errors.ts";
import type { Sandbox } from "../../../ports/sandbox.ts";
import { DROP_ROOT_SCRIPT } from "../shared/bootstrap/scripts.ts";
import { cleanWords } from "../shared/vendor-failure.ts";

/**
 * Every sprite has a socket through which anybody inside can start services and make checkpoints (Sprites documentation, inside a sprite).
 * From now on only root can use it.
 */
const CLOSE_SOCKET = `
if [ -e /.sprite ]; then chown 0:0 /.sprite; chmod 700 /.sprite; fi
`;
/** Run as the agent's user: nothing that was closed is open. */
const TRY = `
if sudo -n true > /dev/null 2>&1 < /dev/null; then echo "sudo still makes it root"; exit 1; fi
if ls /.sprite/ > /dev/null 2>&1 || [ -e /.sprite/api.sock ]; then echo "the socket of the sprite's own API is open"; exit 1; fi
echo closed
`;

const ENV = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };
const LIMITS = { cwd: "/", env: ENV, timeoutMs: 120_000, maxOutputBytes: 10_000 } as const;

/**
 * Before there is an agent, takes from its user what the image allows it: becoming root, and the sprite's own API. Done through the
 * supervisor, since Airlock itself becomes root by the same sudo.
 * @throws AirlockError `sandbox.unavailable`
 */
export async function dropRoot(sandbox: Sandbox): Promise<void> {
  const close = await sandbox.exec({ argv: ["/bin/sh", "-euc", `${DROP_ROOT_SCRIPT}${CLOSE_SOCKET}`], user: "root", ...LIMITS });
  if (close.code !== 0) throw notDropped(close.stdout);
  const tried = await sandbox.exec({ argv: ["/bin/sh", "-c", TRY], ...LIMITS });
  if (tried.code !== 0 || Buffer.from(tried.stdout).toString("latin1") !== "closed\n") throw notDropped(tried.stdout);
}

function notDropped(output: Uint8Array): AirlockError {
  const said = cleanWords(Buffer.from(output).toString("latin1"));
  return new AirlockError("sandbox.unavailable", {
    message: `The agent's user could not be kept from becoming more than it is in the sandbox: ${said === "" ? "no reason was told" : said}.`,
    remedy: "Run again. If it happens every time, the provider's image has changed: update Airlock.",
  });
}
