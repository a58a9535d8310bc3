// Reads what requests the services' own libraries know, for test/unit/gateway/broker/sdk-types.test.ts:
//   node tooling/read-sdk-types.mjs <folder> > test/fixtures/sdk-types.json
// The folder's node_modules holds typescript 5 and the three libraries; they are no dependencies of Airlock.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const folder = path.resolve(process.argv[2] ?? ".");
const modules = path.join(folder, "node_modules");
const ts = createRequire(path.join(folder, "package.json"))("typescript");

/** Where each API's request is described: a type, or the fields of one with their types. */
const ROOTS = {
  "/v1/messages": ["@anthropic-ai/sdk", "resources/beta/messages/messages.d.ts", "MessageCreateParamsNonStreaming"],
  "/v1/responses": ["openai", "resources/responses/responses.d.ts", "ResponseCreateParamsNonStreaming"],
  "/v1/chat/completions": ["openai", "resources/chat/completions/completions.d.ts", "ChatCompletionCreateParamsNonStreaming"],
  "/v1beta/models/m:generateContent": [
    "@google/genai",
    "dist/genai.d.ts",
    {
      contents: ["Content"],
      systemInstruction: "Content",
      tools: ["Tool"],
      toolConfig: "ToolConfig",
      generationConfig: "GenerationConfig",
    },
  ],
};

const PLAIN = ts.TypeFlags.StringLike | ts.TypeFlags.NumberLike | ts.TypeFlags.BooleanLike | ts.TypeFlags.BigIntLike;
const NOTHING = ts.TypeFlags.Null | ts.TypeFlags.Undefined | ts.TypeFlags.Void | ts.TypeFlags.Never;

/** Types by number, each `{ name, fields: { field: [form] } }`; a form is "text", "number", "free", `{ is }`, `{ list }` or `{ type }`. */
function readTypes([name, file, root]) {
  const source = path.join(modules, name, file);
  const options = { target: 99, module: 199, moduleResolution: 99, strict: true, skipLibCheck: true, types: [] };
  const program = ts.createProgram([source], options);
  const { types, formsOf } = openReading(program.getTypeChecker());
  const find = (wanted) => formsOf(findType(program, { source, wanted }));
  const { version } = JSON.parse(readFileSync(path.join(modules, name, "package.json"), "utf8"));
  const library = `${name} ${version}`;
  if (typeof root === "string") return { library, root: find(root)[0].type, types };
  const fields = Object.fromEntries(
    Object.entries(root).map(([field, of]) => [field, Array.isArray(of) ? [{ list: find(of[0]) }] : find(of)]),
  );
  return { library, root: types.push({ name: "Request", fields }) - 1, types };
}

function openReading(checker) {
  const numbers = new Map();
  const types = [];
  const formsOf = (type) => (type.isUnion() ? type.types.flatMap(formsOf) : (plainForms(type) ?? objectForms(type)));
  const objectForms = (type) => {
    if (checker.isArrayType(type)) return [{ list: checker.getTypeArguments(type).flatMap(formsOf) }];
    if (!(type.flags & ts.TypeFlags.Object) && !type.isIntersection()) return ["free"];
    const properties = checker.getPropertiesOfType(type);
    if (properties.length === 0 && checker.getIndexInfosOfType(type).length > 0) return ["free"];
    return type.getCallSignatures().length > 0 ? [] : [{ type: numberOf(type, properties) }];
  };
  const numberOf = (type, properties) => {
    const known = numbers.get(type);
    if (known !== undefined) return known;
    const number = types.push({ name: checker.typeToString(type).slice(0, 80), fields: {} }) - 1;
    numbers.set(type, number);
    for (const property of properties) {
      const forms = formsOf(checker.getTypeOfSymbol(property));
      types[number].fields[property.name] = [...new Map(forms.map((form) => [JSON.stringify(form), form])).values()];
    }
    return number;
  };
  return { types, formsOf };
}

/** undefined for what is neither nothing nor plain. */
function plainForms(type) {
  if (type.flags & NOTHING) return [];
  if (type.isStringLiteral()) return [{ is: type.value }];
  if (type.flags & ts.TypeFlags.StringLike) return ["text"];
  if (type.flags & PLAIN) return ["number"];
  return type.isIntersection() && type.types.some((each) => each.flags & ts.TypeFlags.StringLike) ? ["text"] : undefined;
}

function findType(program, { source, wanted }) {
  const found = [];
  const visit = (node) => {
    const named = ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isClassDeclaration(node);
    if (named && node.name?.text === wanted) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(program.getSourceFile(source));
  if (found.length === 0) throw new Error(`${source} has no type ${wanted}`);
  // A library may hold a union of the same name for another of its APIs.
  return program.getTypeChecker().getTypeAtLocation(found.find((node) => !ts.isTypeAliasDeclaration(node)) ?? found[0]);
}

const read = Object.fromEntries(Object.entries(ROOTS).map(([route, where]) => [route, readTypes(where)]));
process.stdout.write(`${JSON.stringify(read)}\n`);
