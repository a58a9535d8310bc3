/** A small project whose test imports a real dependency. */
export interface Sample {
  readonly name: string;
  /** Programs of this machine, absolute: the first that is there decides the folder that the sandbox sees. Empty: `/usr` has what it needs. */
  readonly toolchains: readonly string[];
  /** Programs below the toolchain's folder, or in `/usr/bin`, that have to be there. */
  readonly programs: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  /** Runs the test, without a network. */
  readonly test: string;
  /** What the test's failure names where nothing was installed. */
  readonly missing: RegExp;
}

const NODE_TEST = `import { test } from "node:test";
import { equal } from "node:assert";
import ms from "ms";
import { seconds } from "./seconds.js";
test("minutes", () => equal(seconds("2m"), ms("2m") / 1000));
`;

export const SAMPLES: readonly Sample[] = [
  {
    name: "npm",
    toolchains: [],
    programs: ["npm", "node"],
    files: {
      "package.json": JSON.stringify({ name: "a", type: "module", scripts: { test: "node --test" }, dependencies: { ms: "2.1.3" } }),
      "seconds.js": "export const seconds = (text) => Number.parseInt(text, 10);\n",
      "seconds.test.js": NODE_TEST,
    },
    test: "npm test",
    missing: /Cannot find package 'ms'/,
  },
  {
    name: "pip",
    toolchains: [],
    programs: ["python3"],
    files: {
      "requirements.txt": "inflection==0.5.1\n",
      ".gitignore": "__pycache__\n",
      "seconds.py": "def seconds(text):\n    return int(text[:-1])\n",
      "test_seconds.py":
        "import unittest\nimport inflection\nfrom seconds import seconds\n\nclass T(unittest.TestCase):\n    def test_minutes(self):\n        self.assertEqual(seconds(inflection.dasherize('2m')), 120)\n",
    },
    test: "python3 -m unittest",
    missing: /No module named 'inflection'/,
  },
  {
    name: "cargo",
    toolchains: ["cargo"],
    programs: ["cargo", "rustc", "rustdoc"],
    files: {
      "Cargo.toml": '[package]\nname = "a"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nitoa = "=1.0.11"\n',
      ".gitignore": "target\nCargo.lock\n",
      "src/lib.rs":
        'pub fn seconds(minutes: u32) -> u32 {\n    minutes\n}\n\n#[test]\nfn minutes() {\n    assert_eq!(itoa::Buffer::new().format(seconds(2)), "120");\n}\n',
    },
    test: "cargo test --offline --quiet",
    missing: /no matching package named `itoa` found/,
  },
  {
    name: "go",
    toolchains: ["go"],
    programs: ["go"],
    files: {
      "go.mod": "module a\n\ngo 1.18\n\nrequire github.com/google/uuid v1.6.0\n",
      "go.sum":
        "github.com/google/uuid v1.6.0 h1:NIvaJDMOsjHA8n1jAhLSgzrAzy1Hgr+hNrb57e+94F0=\ngithub.com/google/uuid v1.6.0/go.mod h1:TIyPZe4MgqvfeYDBFedMoGGpEw/LqOeaOT+nhxU+yHo=\n",
      "a.go": "package a\n\nfunc Seconds(minutes int) int { return minutes }\n",
      "a_test.go":
        'package a\n\nimport (\n\t"testing"\n\n\t"github.com/google/uuid"\n)\n\nfunc TestMinutes(t *testing.T) {\n\tif Seconds(2) != 120 || uuid.Nil.String() == "" {\n\t\tt.Fatal("not 120")\n\t}\n}\n',
    },
    test: "GOFLAGS=-mod=mod GOPROXY=off go test ./...",
    missing: /a_test\.go:6:2: module lookup disabled/,
  },
];

/** The scripted fix: each sample's one mistake. */
export const FIX = `sed -i 's/Number.parseInt(text, 10)/60 * Number.parseInt(text, 10)/' seconds.js 2>/dev/null || true
sed -i 's/return int(text/return 60 * int(text/' seconds.py 2>/dev/null || true
sed -i 's/^    minutes$/    60 * minutes/' src/lib.rs 2>/dev/null || true
sed -i 's/return minutes/return 60 * minutes/' a.go 2>/dev/null || true`;
