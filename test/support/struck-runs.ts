import { expect } from "vitest";
import type { ErrorCode } from "../../src/domain/errors.ts";
import type { Sandbox, SandboxProvider } from "../../src/ports/sandbox.ts";
import { reap } from "../../src/reap.ts";
import { EVER, status } from "./cloud-faults.ts";
import { altered } from "./ending-runs.ts";
import { openFakeRunner } from "./fake-event.ts";
import type { Fault, Faults, Striking } from "./faults.ts";
import { openTarget, type Target } from "./triggered.ts";

/** A moment of a run: a sandbox is asked for, or the first call of this kind to it. */
export interface Moment {
  /** Of the sandbox. */
  readonly purpose: "agent" | "verify" | "evidence";
  readonly call: "create" | "plant" | "exec" | "harvest";
}

/** Called before anything of the moment has begun. */
export type OnMoment = (moment: Moment) => void;

/** Tells the first of each moment. */
export function tellingMoments(inner: SandboxProvider, tell: OnMoment): SandboxProvider {
  const told = new Set<string>();
  return {
    ...inner,
    async create(spec) {
      const once = (call: Moment["call"]): void => {
        const moment: Moment = { purpose: spec.purpose as Moment["purpose"], call };
        const name = `${moment.purpose} ${call}`;
        if (!told.has(name)) tell(moment);
        told.add(name);
      };
      once("create");
      const sandbox = await inner.create(spec);
      return altered(sandbox, telling(sandbox, once));
    },
  };
}

function telling(sandbox: Sandbox, tell: (call: Moment["call"]) => void): Partial<Sandbox> {
  return {
    plant(pack, commit) {
      tell("plant");
      return sandbox.plant(pack, commit);
    },
    exec(command) {
      tell("exec");
      return sandbox.exec(command);
    },
    harvest(limits) {
      tell("harvest");
      return sandbox.harvest(limits);
    },
  };
}

/** What a service calls the places where a fault can strike. */
export interface Places<Station extends string> {
  readonly create: Station;
  readonly get: Station;
  readonly command: Station;
  readonly upload: Station;
  readonly tunnel: Station;
  readonly destroy: Station;
}

/** What happens to the service in one moment of a run. */
export interface Strike<Station extends string> {
  readonly moment: Moment;
  readonly faults: readonly (readonly [at: Station, fault: Fault, options?: Striking])[];
  /** Every connection to the sandbox is cut. */
  readonly cut?: boolean;
}

/** A whole run, what strikes it, and how it ends. */
export interface StruckCase<Station extends string> {
  readonly name: string;
  readonly strikes: readonly Strike<Station>[];
  /** Undefined: the run goes on and publishes. */
  readonly ends?: { readonly station: string | undefined; readonly code: ErrorCode; readonly kept: boolean };
  /** A sandbox stands until the post step takes it away. */
  readonly left?: boolean;
}

const MADE: Moment = { purpose: "verify", call: "create" };
const USED: Moment = { purpose: "verify", call: "exec" };

/** Moments at which a sandbox is in use, and what has been kept when it is lost then. */
const IN_USE: readonly { readonly name: string; readonly moment: Moment; readonly station: string; readonly kept: boolean }[] = [
  { name: "while the tree is planted", moment: { purpose: "agent", call: "plant" }, station: "sandbox", kept: false },
  { name: "during setup", moment: { purpose: "agent", call: "exec" }, station: "sandbox", kept: false },
  { name: "during the harvest", moment: { purpose: "agent", call: "harvest" }, station: "harvest", kept: false },
  { name: "while the second sandbox is planted", moment: { purpose: "verify", call: "plant" }, station: "verify", kept: true },
  { name: "during verification", moment: USED, station: "verify", kept: true },
];

const DROP: Fault = { kind: "drop" };
const DROP_AFTER: Fault = { kind: "drop", after: true };
const LIE: Fault = { kind: "lie" };

/** The same at every service. */
export function listCases<Station extends string>(places: Places<Station>): readonly StruckCase<Station>[] {
  return [...listSurvived(places), ...listCreations(places), ...listLosses(places), ...listDestructions(places)];
}

/** Each kind of fault once at every station of one run: at the second creation, in every moment of use, and at the end. */
function listSurvived<Station extends string>({
  create,
  get,
  command,
  upload,
  tunnel,
  destroy,
}: Places<Station>): readonly StruckCase<Station>[] {
  const inUse = (...faults: Strike<Station>["faults"]): readonly Strike<Station>[] =>
    IN_USE.map(({ moment }) => ({ moment, cut: true, faults }));
  const refused = [tunnel, status(502), { times: 2 }] as const;
  return [
    {
      name: "an error at every station",
      strikes: [
        {
          moment: MADE,
          faults: [
            [create, status(502, { after: true })],
            [command, status(500)],
            [upload, status(429)],
            [destroy, status(500)],
          ],
        },
        ...inUse(refused, [get, status(500)]),
      ],
    },
    {
      name: "a cut connection at every station",
      strikes: [
        {
          moment: MADE,
          faults: [
            [create, DROP_AFTER],
            [command, DROP_AFTER],
            [upload, DROP],
            [destroy, DROP_AFTER],
          ],
        },
        ...inUse([tunnel, status(502)], [get, DROP], [tunnel, DROP]),
      ],
    },
    {
      name: "a lie at every station",
      strikes: [
        {
          moment: MADE,
          faults: [
            [command, LIE],
            [upload, { kind: "truncate" }],
          ],
        },
        ...inUse([tunnel, LIE, { times: 2 }]),
      ],
    },
  ];
}

/** At the creation of the second sandbox; what the agent did is kept whatever happens. */
function listCreations<Station extends string>({ create, command }: Places<Station>): readonly StruckCase<Station>[] {
  const fatal: readonly (readonly [string, Station, Fault, ErrorCode])[] = [
    ["no capacity", create, status(503), "sandbox.exhausted"],
    ["cut connections", create, DROP, "sandbox.unavailable"],
    ["a sandbox that was never made", create, LIE, "sandbox.unavailable"],
    ["commands that fail", command, status(500), "sandbox.unavailable"],
    ["commands that are cut", command, DROP, "sandbox.unavailable"],
    ["commands that lie", command, LIE, "sandbox.unavailable"],
  ];
  return fatal.map(([what, at, fault, code]) => ({
    name: `${what} at the second creation`,
    strikes: [{ moment: MADE, faults: [[at, fault, EVER]] }],
    ends: { station: "verify", code, kept: true },
  }));
}

/** No connection can be had any more, and the service says that there is no such sandbox. */
function listLosses<Station extends string>({ tunnel, get }: Places<Station>): readonly StruckCase<Station>[] {
  return IN_USE.map(({ name, moment, station, kept }) => ({
    name: `a sandbox that is said to be gone ${name}`,
    strikes: [
      {
        moment,
        cut: true,
        faults: [
          [tunnel, status(502), EVER],
          [get, LIE, EVER],
        ],
      },
    ],
    ends: { station, code: "sandbox.lost", kept },
  }));
}

function listDestructions<Station extends string>({ destroy }: Places<Station>): readonly StruckCase<Station>[] {
  const code = "sandbox.left";
  return [
    {
      name: "an end of the second sandbox that is never confirmed",
      strikes: [{ moment: USED, faults: [[destroy, status(500), EVER]] }],
      ...{ ends: { station: "verify", code, kept: true }, left: true },
    },
    {
      name: "an end of the agent's sandbox that is never heard of",
      strikes: [{ moment: USED, faults: [[destroy, DROP, { ...EVER, skip: 1 }]] }],
      ...{ ends: { station: undefined, code, kept: true }, left: true },
    },
  ];
}

/** A service with its faults, and what can be done to its sandboxes. */
export interface StruckService<Station extends string> {
  readonly faults: Pick<Faults<Station>, "inject" | "heal"> & { readonly unmet: readonly string[] };
  readonly complaints: readonly string[];
  readonly provider: SandboxProvider;
  cut(): void;
  left(): readonly string[];
}

const RUN = { repository: "acme/rocket", runId: "41", attempt: 1 } as const;
const SETTINGS = { sandbox: { setup: "true" }, verification: { commands: "grep true flag.txt" } } as const;

/** The run ends in a named outcome with one pull request or none, what was done is kept, and the post step leaves nothing. */
export async function expectNamedEnding<Station extends string>(
  service: StruckService<Station>,
  { strikes, ends, left = false }: StruckCase<Station>,
): Promise<void> {
  using target = openTarget();
  const unmet = new Set<string>();
  const provider = tellingMoments(service.provider, ({ purpose, call }) => {
    const struck = strikes.filter(({ moment }) => moment.purpose === purpose && moment.call === call);
    for (const [at, fault, options] of struck.flatMap(({ faults }) => faults)) service.faults.inject(at, fault, options);
    if (struck.some(({ cut }) => cut === true)) service.cut();
  });
  const result = await target.run({ agent: "echo true > flag.txt; echo at work", settings: SETTINGS, provider, run: { runId: RUN.runId } });
  if (ends === undefined) for (const at of service.faults.unmet) unmet.add(at);
  service.faults.heal();
  expect(result.outcome, result.warnings.join()).toMatchObject({ word: ends === undefined ? "published" : "provider-failed" });
  expect(result.record.notes.error?.code).toBe(ends?.code);
  expect(result.record.passages.find((passage) => passage.result === "failed")?.station).toBe(ends?.station);
  expect(result.read("patch.diff").includes("+true")).toBe(ends?.kept ?? true);
  expectWritten(target, ends === undefined ? 1 : 0);
  expect([...unmet]).toEqual([]);
  expect(service.left().length > 0).toBe(left);
  await reap({ provider: service.provider, run: RUN, nowMs: Date.now(), log: openFakeRunner({ name: "issues", payload: {} }).log });
  expect(service.left()).toEqual([]);
  expect(service.complaints).toEqual([]);
}

function expectWritten({ forge }: Target, pullRequests: number): void {
  const { state } = forge;
  expect(state.pullRequests).toHaveLength(pullRequests);
  expect(state.comments.get(7)).toHaveLength(1);
  expect(state.issues.get(7)?.labels).not.toContain("airlock:working");
}
