import { AirlockError } from "../errors.ts";

/** Someone whose doing led to this run. */
export interface Actor {
  readonly login: string;
  /** GitHub's account type where the payload told it: `User`, `Bot`, `Organization`, `Mannequin`. */
  readonly type: string;
  /** How they came into the chain, for messages: `sender`, `triggering actor`. */
  readonly role: string;
}

/** What can be said of an actor without asking the forge. */
export type Judgement =
  | { readonly decision: "ask" }
  | { readonly decision: "allow" }
  | { readonly decision: "refuse"; readonly reason: string; readonly remedy: string };

/** The account every workflow's own token writes as. It never starts a run, whatever the list says. */
export const WORKFLOW_BOT = "github-actions[bot]";

/** GitHub logins, and app logins with their suffix. */
const LOGIN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}(\[bot\])?$/;

/** @throws AirlockError `input.invalid` for a list that names more than single accounts */
export function requireExactBots(allowedBots: readonly string[]): void {
  const wrong = allowedBots.find((login) => !LOGIN.test(login));
  if (wrong === undefined) return;
  throw new AirlockError("input.invalid", {
    message: `Input \`allowed-bots\` holds ${JSON.stringify(wrong.slice(0, 60))}, which is not the login of one account.`,
    remedy: "List each bot by its exact login, for example `dependabot[bot]`; patterns such as `*` are not accepted.",
  });
}

/** One entry per login, first role kept. An entry without a login stays, so that it can be refused. */
export function mergeActors(actors: readonly Actor[]): readonly Actor[] {
  const merged = new Map<string, Actor>();
  for (const actor of actors) {
    const key = actor.login.toLowerCase();
    const known = merged.get(key);
    if (known === undefined) merged.set(key, actor);
    else if (known.type === "" && actor.type !== "") merged.set(key, { ...known, type: actor.type });
  }
  return [...merged.values()];
}

/** Judges by name alone. `ownLogins`: the accounts that Airlock itself writes as. */
export function judgeActor(actor: Actor, allowedBots: readonly string[], ownLogins: readonly string[]): Judgement {
  if (!LOGIN.test(actor.login)) {
    return refuse(`The ${actor.role} of this event has no usable login.`, "Start the run again by hand.");
  }
  const isBot = actor.type === "Bot" || actor.login.endsWith("[bot]");
  if (isBot && [WORKFLOW_BOT, ...ownLogins].some((own) => isSame(own, actor.login))) {
    return refuse(
      `${actor.login} is the account Airlock itself writes as (${actor.role}); it never starts a run.`,
      "Let a person start the run.",
    );
  }
  if (isBot) return judgeBot(actor, allowedBots);
  if (actor.type !== "" && actor.type !== "User") {
    return refuse(
      `${actor.login} (${actor.role}) is an account of type ${actor.type.slice(0, 20)}.`,
      "Let a person with write permission start the run.",
    );
  }
  return { decision: "ask" };
}

function judgeBot(actor: Actor, allowedBots: readonly string[]): Judgement {
  if (allowedBots.includes(actor.login)) return { decision: "allow" };
  return refuse(
    `${actor.login} (${actor.role}) is a bot that is not listed.`,
    `Add \`${actor.login}\` to the input \`allowed-bots\` if its events may start runs.`,
  );
}

function isSame(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

function refuse(reason: string, remedy: string): Judgement {
  return { decision: "refuse", reason, remedy };
}
