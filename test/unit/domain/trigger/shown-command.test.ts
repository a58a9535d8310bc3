import { describe, expect, test } from "vitest";
import { findCommand } from "../../../../src/domain/trigger/command.ts";

const COMMAND = "/airlock fix it";

describe("A command that the page does not show", () => {
  test.each([
    ["a hidden element", `<div hidden>\n\n${COMMAND}\n\n</div>`],
    ["an attribute", `<p title="\n${COMMAND}\n">x</p>`],
    ["a script", `<script>\n${COMMAND}\n</script>`],
    ["a style", `<style>\n${COMMAND}\n</style>`],
    ["a text area", `<textarea>\n${COMMAND}\n</textarea>`],
    ["a CDATA section", `<![CDATA[\n${COMMAND}\n]]>`],
    ["an instruction", `<?x\n${COMMAND}\n?>`],
    ["a definition's title", `[a]: u "\n${COMMAND}\n"`],
    ["a footnote that nothing points at", `[^1]: x\n${COMMAND}`],
    ["a formula", `$$\na %\n${COMMAND}\n$$`],
    ["code over several lines", `\`x\n${COMMAND}\ny\``],
  ])("is none inside %s", (_name, text) => {
    expect(findCommand(text, "/airlock")).toBeUndefined();
  });

  test("does not stand in the way of one that is shown, and gives it no words", () => {
    const found = findCommand(`<div hidden>\n\n/airlock retry\n\n</div>\n\n${COMMAND}\nplease`, "/airlock");
    expect(found).toEqual({ name: "fix", instruction: "it\nplease" });
    expect(findCommand(`a \` b\n${COMMAND}`, "/airlock")?.name).toBe("fix");
    expect(findCommand(`${COMMAND}\n![x](https://example.org/x.png)`, "/airlock")?.instruction).toContain("x.png");
  });
});
