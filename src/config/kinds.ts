import { z } from "zod";
import { Secret } from "../domain/secret.ts";
import { parseServiceUrl } from "./url.ts";

/** One input: what people read about it, and how its text becomes a value. */
export interface InputKind<T> {
  readonly description: string;
  /** Legal values, as a phrase that completes "Set it to …". */
  readonly legal: string;
  /** What an empty input means, as `action.yml` states it. */
  readonly default: string;
  /** The value is never shown, not even when it is wrong. */
  readonly secret: boolean;
  readonly schema: z.ZodType<T, string>;
}

/** A table of inputs by name. */
export type InputKinds = Readonly<Record<string, InputKind<unknown>>>;

/** What the inputs of a table hold, by name. */
export type ValuesOf<Kinds> = { readonly [Name in keyof Kinds]: Kinds[Name] extends InputKind<infer Value> ? Value : never };

/** What a kind needs beside its schema; `default` is empty when left out. */
export interface Words {
  readonly description: string;
  readonly default?: string;
}

interface Pattern extends Words {
  readonly legal: string;
  readonly pattern: RegExp;
}

const MAX_TEXT_CHARACTERS = 100_000;
const MAX_LINE_CHARACTERS = 1_000;
const MAX_ITEMS = 500;
const WHOLE = /^\d{1,9}$/;
const DECIMAL = /^\d{1,6}(\.\d{1,6})?$/;
/** C0 without tab, line feed and carriage return, and DEL. */
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/;
const PRINTABLE_ASCII = /^[\x21-\x7e]{1,4096}$/;

/** Exactly one word of a closed set. */
export function choice<const T extends string>(
  of: readonly T[],
  words: { readonly description: string; readonly default: NoInfer<T> },
): InputKind<T> {
  const legal = `one of ${of.map((word) => `\`${word}\``).join(", ")}`;
  return { ...words, legal, secret: false, schema: z.enum(of) as unknown as z.ZodType<T, string> };
}

/** A whole number in a closed range. `unit` reads as in "a whole number of minutes". */
export function whole(
  range: { readonly min: number; readonly max: number; readonly unit?: string; readonly zero?: string },
  words: Words & { readonly default: string },
): InputKind<number> {
  const unit = range.unit === undefined ? "" : ` of ${range.unit}`;
  const zero = range.zero === undefined ? "" : `, or 0: ${range.zero}`;
  const legal = `a whole number${unit} from ${range.min} to ${range.max}${zero}`;
  const inside = (value: number): boolean => (value >= range.min && value <= range.max) || (value === 0 && range.zero !== undefined);
  return { ...words, legal, secret: false, schema: z.string().regex(WHOLE).transform(Number).refine(inside) };
}

/** An amount in US dollars, with a point. */
export function dollars(
  range: { readonly min: number; readonly max: number },
  words: Words & { readonly default: string },
): InputKind<number> {
  const legal = `an amount in US dollars from ${range.min} to ${range.max}, such as \`2.50\``;
  const inside = (value: number): boolean => value >= range.min && value <= range.max;
  return { ...words, legal, secret: false, schema: z.string().regex(DECIMAL).transform(Number).refine(inside) };
}

/** `true` or `false`. */
export function flag(words: { readonly description: string; readonly default: "true" | "false" }): InputKind<boolean> {
  return { ...words, legal: "`true` or `false`", secret: false, schema: z.stringbool({ truthy: ["true"], falsy: ["false"] }) };
}

/** Free text of several lines. */
export function text(words: Words): InputKind<string> {
  const legal = `text of at most ${MAX_TEXT_CHARACTERS} characters without control characters`;
  const schema = z
    .string()
    .max(MAX_TEXT_CHARACTERS)
    .refine((value) => !CONTROL.test(value));
  return { default: "", ...words, legal, secret: false, schema };
}

/** One word or line with a shape of its own; empty when the default is. */
export function word(options: Pattern): InputKind<string> {
  const { pattern, ...words } = options;
  const optional = options.default === undefined;
  return { default: "", ...words, secret: false, schema: z.string().refine((value) => (optional && value === "") || pattern.test(value)) };
}

/** One element per line; blank lines and the space around an element are dropped. */
export function lines(words: Words & { readonly legal?: string }): InputKind<readonly string[]> {
  const legal = words.legal ?? `at most ${MAX_ITEMS} lines of at most ${MAX_LINE_CHARACTERS} characters, without control characters`;
  const item = z
    .string()
    .max(MAX_LINE_CHARACTERS)
    .refine((value) => !CONTROL.test(value));
  return { default: "", ...words, legal, secret: false, schema: split(/\r?\n/, item) };
}

/** Names, one per line or separated by commas. */
export function names(options: Pattern): InputKind<readonly string[]> {
  const { pattern, legal, ...words } = options;
  return {
    default: "",
    ...words,
    legal: `${legal}, one per line or separated by commas`,
    secret: false,
    schema: split(/[\n,]/, z.string().regex(pattern)),
  };
}

/** A credential: wrapped, masked by the runner, never shown. */
export function secret(name: string, words: Words): InputKind<Secret | undefined> {
  const legal = "the credential alone: one line of printable ASCII without spaces";
  const schema = z
    .string()
    .refine((value) => value === "" || PRINTABLE_ASCII.test(value))
    .transform((value) => (value === "" ? undefined : new Secret(value, name)));
  return { default: "", ...words, legal, secret: true, schema };
}

/** Base URL of a service that Airlock calls. */
export function serviceUrl(words: Words): InputKind<string> {
  const legal = "an `https://` URL without user, query or fragment (`http://` only to loopback)";
  const schema = z.string().transform((value, context) => {
    const url = value === "" ? "" : parseServiceUrl(value);
    if (url !== undefined) return url;
    context.addIssue({ code: "custom", message: "not a service URL" });
    return z.NEVER;
  });
  return { default: "", ...words, legal, secret: false, schema };
}

function split(separator: RegExp, item: z.ZodType<string, string>): z.ZodType<readonly string[], string> {
  return z
    .string()
    .max(MAX_TEXT_CHARACTERS)
    .transform((value) =>
      value
        .split(separator)
        .map((part) => part.trim())
        .filter((part) => part !== ""),
    )
    .pipe(z.array(item).max(MAX_ITEMS));
}
