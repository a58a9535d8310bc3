import { throwRefusal } from "./refusal.ts";

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/**
 * Refuses what would make the model's service call an address that the agent chose: a way past the egress policy.
 * Tools that search or fetch what the model itself chooses are allowed; they are counted and shown.
 * @throws Refused
 */
export function checkServerSideTools(body: Fields): void {
  const servers = body["mcp_servers"];
  const hasServers = servers !== undefined && servers !== null && !(Array.isArray(servers) && servers.length === 0);
  if (hasServers || listOf(body["tools"]).some((tool) => fieldsOf(tool)["type"] === "mcp")) {
    throwRefusal(
      "server-side-connector",
      403,
      "Connectors that the model's service would call by itself are a way past the egress policy.",
    );
  }
  const turns = [...listOf(body["messages"]), ...listOf(body["input"]), ...listOf(body["contents"]), body["system"]];
  if (turns.some((turn) => blocksOf(turn, 0).some(pointsOutside))) {
    throwRefusal(
      "server-side-connector",
      403,
      "Send images and files as data: an address that the model's service would fetch is a way past the egress policy.",
    );
  }
}

const MAX_DEPTH = 4;

/** The content blocks of a message and of the tool results in it; the arguments of tool calls are not examined. */
function blocksOf(holder: unknown, depth: number): readonly Fields[] {
  if (depth > MAX_DEPTH) return [];
  const fields = fieldsOf(holder);
  const inner = Array.isArray(holder) ? holder : [...listOf(fields["content"]), ...listOf(fields["output"]), ...listOf(fields["parts"])];
  return inner.flatMap((block) => [fieldsOf(block), ...blocksOf(block, depth + 1)]);
}

function pointsOutside(block: Fields): boolean {
  const image = block["image_url"];
  const addresses = [fieldsOf(block["source"])["url"], image, fieldsOf(image)["url"], block["file_url"]];
  const gemini = { ...fieldsOf(block["fileData"]), ...fieldsOf(block["file_data"]) };
  return [...addresses, gemini["fileUri"], gemini["file_uri"]].some((address) => typeof address === "string" && !/^data:/i.test(address));
}
