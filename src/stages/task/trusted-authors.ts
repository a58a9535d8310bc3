import type { Settings } from "../../domain/settings.ts";
import { mayWrite } from "../../domain/trigger/permission.ts";
import type { Forge } from "../../ports/forge.ts";

/** Whether an account may write here, or is a bot that the workflow names. */
export type Trust = (login: string) => Promise<boolean>;

/** Asks once per account. If in doubt, no (I8). */
export function openTrust(forge: Forge, settings: Settings): Trust {
  const known = new Map<string, Promise<boolean>>();
  return (login) => {
    if (settings.trigger.allowedBots.includes(login)) return Promise.resolve(true);
    const key = login.toLowerCase();
    const answer = known.get(key) ?? canWrite(forge, login);
    known.set(key, answer);
    return answer;
  };
}

async function canWrite(forge: Forge, login: string): Promise<boolean> {
  if (login.endsWith("[bot]")) return false;
  return mayWrite(await forge.readPermission(login).catch(() => "none" as const));
}
