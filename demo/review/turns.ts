/** What the scripted model says and does in a review: it reads, tries and writes, with the agent's own tools. */

const RUN = "node --input-type=module -e";
const MEAN = `${RUN} 'import { mean } from "./src/mean.js"; console.log(mean([2, 4, 6]), mean([]));'`;
const ESCAPE = [
  "mkdir -p /tmp/readings/stations",
  "echo 42 > /tmp/readings/outside.txt",
  `${RUN} 'import { readStation } from "./src/station.js"; console.log(await readStation("/tmp/readings/stations", "../outside"));'`,
].join(" && ");

const OFF_BY_ONE = {
  path: "src/mean.js",
  line: 4,
  severity: "high",
  category: "bug",
  claim: "The loop ends one reading early, so the oldest one is left out: the mean of 2, 4 and 6 comes out as 3.33 instead of 4.",
  evidence: { command: MEAN, output: "3.3333333333333335", exitCode: 0 },
  suggestion: "  for (let back = 1; back <= count; back += 1) sum += readings[readings.length - back];",
};

const LOST_GUARD = {
  path: "src/mean.js",
  line: 3,
  side: "LEFT",
  severity: "medium",
  category: "compatibility",
  claim: "Without this line the mean of no readings is `NaN`; callers rely on `undefined`.",
  evidence: { command: MEAN, output: "NaN", exitCode: 0 },
};

const ESCAPES = {
  path: "src/station.js",
  line: 6,
  severity: "critical",
  category: "security",
  claim: "`station` goes into the path as it is: `../outside` reads a file that lies outside the folder. `basename` kept it in.",
  evidence: { command: ESCAPE, output: "[ 42 ]", exitCode: 0 },
};

/** In a file that the pull request does not touch. */
const ELSEWHERE = {
  path: "src/range.js",
  line: 3,
  severity: "low",
  category: "bug",
  claim: "A long list of readings is spread into arguments here, which overflows the stack at some hundred thousand.",
};

/** What its own command does not show. */
const UNPROVED = {
  path: "test/mean.test.js",
  line: 10,
  severity: "low",
  category: "tests",
  claim: "This test fails.",
  evidence: { command: "node --test test/mean.test.js", output: "# fail 1", exitCode: 1 },
};

const REVIEW = {
  summary: "Looking back at a number of readings loses one of them, and station names can leave their folder.",
  findings: [OFF_BY_ONE, LOST_GUARD, ESCAPES, ELSEWHERE, UNPROVED],
  ran: [MEAN, "node --test"],
  unchecked: ["Who else calls `mean`: the repository has no callers."],
};

export const REVIEW_TURNS: readonly object[] = [
  {
    text: "I will read the change and what it says of itself.",
    tool: "Bash",
    input: {
      command: "cat /work/.airlock/pull-request.diff && cat /work/.airlock/review.schema.json | head -c 400",
      description: "Read the diff",
    },
  },
  {
    text: "A mean and a path changed. I will run both, and the tests.",
    tool: "Bash",
    input: { command: `${MEAN}; ${ESCAPE}; node --test 2>&1 | tail -n 12`, description: "Try the changed functions" },
  },
  {
    text: "Two defects show. I will write the findings down.",
    tool: "Write",
    input: { file_path: "/work/.airlock/review.json", content: `${JSON.stringify(REVIEW, undefined, 2)}\n` },
  },
  { text: "Five findings are in review.json. What the pull request tells its reviewers was not followed." },
];
