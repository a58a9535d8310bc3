import type { DemoEvent } from "../../../demo/event.ts";
import { type DemoWorld, OWNER, runJob, startWorld } from "../../../demo/job.ts";
import { openPull } from "../../../demo/open-pull.ts";
import type { PullPlan } from "../../../demo/pull-plan.ts";
import { type E2bServer, startE2b } from "../cloud/e2b-server.ts";
import type { ActionResult } from "../runner/mini-runner.mjs";
import { type JobFront, startJobFront } from "./front.ts";
import { planRun } from "./plan.ts";
import { makeProject, openImage } from "./project.ts";

type Json = Readonly<Record<string, unknown>>;

/** An event, and the GitHub at which it happened. */
export interface Happened {
  readonly world: DemoWorld;
  readonly event: DemoEvent;
  /** What GitHub is to the job. */
  readonly front: JobFront;
}

/** Example workflows as GitHub would run them, with `dist/` as the action. */
export interface ExampleRuns extends AsyncDisposable {
  /** Something happens in a repository without a pull request. `turns` are those of the scripted model. */
  happen(turns: readonly object[], cause: (world: DemoWorld, repository: Json) => Promise<DemoEvent> | DemoEvent): Promise<Happened>;
  /** The same about a pull request, which is opened first. The event's own payload may be made into another. */
  happenOn(pull: Partial<PullPlan>, turns: readonly object[], cause?: (event: DemoEvent, world: DemoWorld) => DemoEvent): Promise<Happened>;
  /** Runs the one job that the workflow has for the event. @throws Error when GitHub would run none */
  run(file: string, happened: Happened): Promise<ActionResult>;
}

export const CI_RUN = 555;
const CI_LOG = "not ok 1 - water boils at 212\n  expected: 212\n  actual: 203\n";
const PULL: PullPlan = {
  eventName: "pull_request",
  payload: undefined,
  number: 1,
  title: "Convert to kelvin",
  body: "One more scale.",
  author: "maria",
  labels: [],
  headRef: "kelvin",
  fromFork: false,
  people: new Map([["maria", true]]),
};

export async function openExampleRuns(): Promise<ExampleRuns> {
  const opened = new AsyncDisposableStack();
  const { image } = opened.use(openImage());
  const server = opened.use(await startE2b({ templates: { claude: { node: "current", image } } }));
  const open = async (turns: readonly object[], pull?: PullPlan): Promise<Omit<Happened, "event">> => {
    const project = opened.use(makeProject({ withHead: pull !== undefined }));
    const world = opened.use(await startWorld({ repo: project.directory, turns, pull }));
    const front = opened.use(await startJobFront(world.apiUrl, { id: CI_RUN, log: CI_LOG }));
    return { world: { ...world, apiUrl: front.url }, front };
  };
  return {
    async happen(turns, cause) {
      const { world, front } = await open(turns);
      const repository = (await world.standIn.call("GET", `/repos/${OWNER}/demo`)) as Json;
      return { world, front, event: await cause(world, repository) };
    },
    async happenOn(given, turns, cause = (event) => event) {
      const pull = { ...PULL, ...given };
      const { world, front } = await open(turns, pull);
      return { world, front, event: cause(await openPull(world, pull), world) };
    },
    async run(file, happened) {
      const result = await runPlanned(file, happened, server);
      opened.defer(() => result.dispose());
      return result;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

async function runPlanned(file: string, { world, event, front }: Happened, server: E2bServer): Promise<ActionResult> {
  const secrets = { ANTHROPIC_API_KEY: world.model?.key ?? "" };
  const plan = planRun(file, event, { repository: `${OWNER}/demo`, secrets, allowed: ["pull_request_target"] });
  if ("blocked" in plan) throw new Error(plan.blocked);
  const [job, ...more] = plan.jobs.filter(({ runs }) => runs);
  if (job === undefined) throw new Error(`${file} runs no job for ${event.name}.`);
  if (more.length > 0) throw new Error(`${file} runs more than one job for ${event.name}.`);
  front.grant(job.permissions);
  try {
    return await runJob({ world, event, env: server.env, inputs: { ...job.inputs, "e2b-api-key": server.apiKey } });
  } finally {
    front.grant(undefined);
  }
}
