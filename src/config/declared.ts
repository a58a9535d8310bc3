import { z } from "zod";
import { parseHostRule } from "../domain/egress/host-rule.ts";
import { canonicalPath } from "../domain/egress/request-path.ts";
import { AirlockError } from "../domain/errors.ts";
import { dearer } from "../domain/model/prices.ts";
import type { Price } from "../domain/price.ts";
import type { DeclaredSecret } from "../domain/secret.ts";
import { Secret } from "../domain/secret.ts";
import { isReservedVariable } from "../domain/secrets/declared.ts";

/** A shorter value could be guessed, and cannot be told from ordinary text when answers and logs are searched for it. */
const MIN_VALUE_CHARS = 8;
const MAX_VALUE_CHARS = 8_192;
/** Headers that say where a request goes, how long it is, or who may read the answer. */
const FRAMING =
  /^(?:host|connection|content-.*|transfer-encoding|te|trailer|upgrade|expect|range|accept.*|proxy-.*|sec-.*|cookie|forwarded|x-forwarded-.*|via|origin|referer)$/i;

const name = z
  .string()
  .refine(
    (text) => !isReservedVariable(text),
    "is no name of a secret's variable: upper case, and none that Airlock, the runner or a tool has a meaning for",
  );
const host = z
  .string()
  .max(253)
  .refine((text) => text.includes(".") && isPlainHost(text), "is not one plain host name without port and `*`");
const header = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/)
  .refine((text) => !FRAMING.test(text), "is not a header for credentials");
const method = z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
const passing = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/)
  .refine((text) => !FRAMING.test(text) && !/^authorization$/i.test(text), "is not a name that may pass");
const path = z
  .string()
  .max(1_000)
  .refine((text) => text.startsWith("/") && canonicalPath(text) !== undefined, "is not a plain path");

/** `secrets:` of the repository's file. */
export const declaredSecrets = z
  .array(
    z.strictObject({
      name: name.describe(
        "Environment variable of the workflow step that holds the value; the agent finds a surrogate under the same name.",
      ),
      host: host.describe("The one host that gets the value, over TLS."),
      header: header.describe("Header the value goes into, for example `authorization`."),
      methods: z
        .array(method)
        .min(1)
        .max(7)
        .optional()
        .describe("Methods that carry the value; all that `allow` lets through if left out."),
      paths: z
        .array(path)
        .min(1)
        .max(50)
        .optional()
        .describe("Path patterns that carry the value; all that `allow` lets through if left out."),
      passes: z
        .array(passing)
        .max(50)
        .optional()
        .describe("Further headers and query parameters that may pass to the host; none of them may carry a credential of somebody else."),
    }),
  )
  .max(20);

function isPlainHost(text: string): boolean {
  const rule = parseHostRule(text);
  return (
    !("problem" in rule) && rule.pattern.kind === "host" && rule.port === undefined && rule.path === undefined && rule.methods === undefined
  );
}

/** A declared secret with its value. */
export interface ValuedSecret {
  readonly declared: DeclaredSecret;
  readonly value: Secret;
}

/**
 * Takes the values from the environment of the workflow step, and from nowhere else.
 * `own`: the run's other credentials, none of which may be given a second life as a declared secret.
 * @throws AirlockError `input.missing` for a variable that is empty, `input.invalid` for a value that cannot be used
 */
export function readDeclaredSecrets(
  declared: readonly DeclaredSecret[],
  env: Readonly<Record<string, string | undefined>>,
  own: readonly Secret[],
): readonly ValuedSecret[] {
  const values = new Map(declared.map((secret) => [secret.name, new Secret(readValue(secret.name, env, own), secret.name)]));
  return declared.flatMap((entry) => {
    const value = values.get(entry.name);
    return value === undefined ? [] : [{ declared: entry, value }];
  });
}

/** What a job that uses no declared secret can search for, and what it cannot. */
export interface SearchableSecrets {
  readonly values: readonly Secret[];
  /** Names without a value here, or with one of a length that cannot be searched for. */
  readonly missing: readonly string[];
}

/** For a job that only looks for what must not leave: whatever value there is, is good enough to be searched for. */
export function findDeclaredValues(names: readonly string[], env: Readonly<Record<string, string | undefined>>): SearchableSecrets {
  const given = names.map((variable) => ({ variable, value: (env[variable] ?? "").trim() }));
  return {
    values: given.flatMap(({ variable, value }) => (isSearchable(value) ? [new Secret(value, variable)] : [])),
    missing: given.flatMap(({ variable, value }) => (isSearchable(value) ? [] : [variable])),
  };
}

function isSearchable(value: string): boolean {
  return value.length >= MIN_VALUE_CHARS && value.length <= MAX_VALUE_CHARS;
}

function readValue(variable: string, env: Readonly<Record<string, string | undefined>>, own: readonly Secret[]): string {
  const value = env[variable] ?? "";
  if (value === "") {
    throw new AirlockError("input.missing", {
      message: `The secret \`${variable}\` is declared in the repository's configuration, but the environment variable \`${variable}\` of this step is empty.`,
      remedy: `Add \`${variable}: \${{ secrets.${variable} }}\` below \`env:\` of the workflow step, or take the secret out of the file.`,
    });
  }
  if (own.some((secret) => secret.reveal() === value)) {
    throw new AirlockError("input.invalid", {
      message: `The secret \`${variable}\` has the same value as another credential of this run.`,
      remedy: "Make a token of its own for it, which can do no more than it needs.",
    });
  }
  if (isSearchable(value) && /^[\x21-\x7e]+$/.test(value)) return value;
  throw new AirlockError("input.invalid", {
    message: `The secret \`${variable}\` has a value that cannot be put into a header.`,
    remedy: `Give it ${MIN_VALUE_CHARS} to ${MAX_VALUE_CHARS} printable characters without spaces and line breaks; check for a line break at its end.`,
  });
}

const usd = z.number().min(0).max(100_000);

/** `prices:` of the repository's file: US dollars per million tokens, by exact model name. */
export const declaredPrices = z.record(
  z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:@/-]{0,199}$/),
  z.strictObject({
    input: usd,
    output: usd,
    "cache-read": usd.optional().describe("As `input` if left out."),
    "cache-write": usd.optional().describe("Twice `input` if left out."),
  }),
);

export type AskedSecret = z.infer<typeof declaredSecrets>[number];
export type AskedPrice = z.infer<typeof declaredPrices>[string];

/** The secrets declared so far and one layer's; a layer adds. */
export function joinSecrets(
  now: readonly DeclaredSecret[] | undefined,
  asked: readonly AskedSecret[] | undefined,
): { readonly secrets?: readonly DeclaredSecret[] } {
  const all = [...(now ?? []), ...(asked ?? []).map(toDeclared)];
  return all.length === 0 ? {} : { secrets: all };
}

function toDeclared({ methods, paths, passes, ...rest }: AskedSecret): DeclaredSecret {
  return {
    ...rest,
    ...(methods === undefined ? {} : { methods }),
    ...(paths === undefined ? {} : { paths }),
    ...(passes === undefined ? {} : { passes }),
  };
}

/** The prices stated so far and one layer's; where both name a model, the dearer holds. */
export function joinPrices(
  now: Readonly<Record<string, Price>> | undefined,
  asked: Readonly<Record<string, AskedPrice>> | undefined,
): { readonly prices?: Readonly<Record<string, Price>> } {
  if (asked === undefined) return now === undefined ? {} : { prices: now };
  const all = new Map(Object.entries(now ?? {}));
  for (const [model, price] of Object.entries(asked)) {
    const before = all.get(model);
    all.set(model, before === undefined ? toPrice(price) : dearer(before, toPrice(price)));
  }
  return { prices: Object.fromEntries(all) };
}

function toPrice(asked: AskedPrice): Price {
  const write = asked["cache-write"] ?? asked.input * 2;
  return {
    input: asked.input,
    output: asked.output,
    cacheRead: asked["cache-read"] ?? asked.input,
    cacheWrite: write,
    cacheWriteLong: write,
  };
}
