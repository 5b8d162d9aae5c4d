// Changing the registry from its pages, as people do: with the address that `serve` prints, and without a script.
import { execFileSync } from "node:child_process";
import { check, end, inspect, launch, listen, WAYS } from "./look.mjs";

const [, , door, modelreg, registry, screenshots] = process.argv;
const base = door.split("/enter/")[0];
const key = door.split("#")[1];
const git = (...args) => execFileSync("git", ["-C", registry, ...args], { encoding: "utf8" }).trim();

// Every page that has forms, each form open.
const PAGES = {
  "model-forms": "/models/digits-reader/",
  "version-forms": "/models/IRIS_pred_model/versions/6/",
  "requests-forms": "/requests/",
};

async function look(browser, colorScheme, width) {
  const viewport = { width, height: width < 500 ? 844 : 900 };
  const context = await browser.newContext({ viewport, colorScheme });
  const page = await context.newPage();
  const errors = [];
  listen(page, errors);
  const shot = async (name) => {
    await inspect(page, `${name}, ${width} wide, ${colorScheme}`);
    if (screenshots) await page.screenshot({ path: `${screenshots}/${name}-${width}-${colorScheme}.png`, fullPage: true });
  };
  await page.goto(`${base}/enter/`);
  await shot("enter");
  // The key comes with the address, behind what is sent.
  await page.goto(door);
  await page.waitForURL(`${base}/#`);
  for (const [name, path] of Object.entries(PAGES)) {
    await page.goto(base + path);
    await page.evaluate(() => document.querySelectorAll("details.act").forEach((form) => { form.open = true; }));
    await shot(name);
  }
  check(errors.length === 0, `forms, ${width} wide, ${colorScheme}: ${errors}`);
  await context.close();
}

// A rollback at three in the morning; somebody else looks at the same page.
async function rollBack(browser) {
  const other = await browser.newPage();
  const context = await browser.newContext();
  const page = await context.newPage();
  const errors = [];
  listen(page, errors);
  listen(other, errors);
  await other.goto(`${base}/models/diabetes-progression/`);
  await page.goto(door);
  await page.waitForURL(`${base}/#`);
  await page.goto(`${base}/models/diabetes-progression/`);
  const stage = page.locator(".tile.stage", { hasText: "Production" });
  const was = await stage.locator(".number").textContent();
  await stage.locator("summary").click();
  await stage.locator("button").click();
  check(await stage.locator("textarea:invalid").count() === 1, "a rollback says why");
  await stage.locator("textarea").fill("Answers nothing since midnight.");
  await stage.locator("input[name=emergency]").check();
  await stage.locator("button").click();
  await page.waitForSelector(".outcome.good");
  check((await page.locator(".outcome").textContent()).includes(git("rev-parse", "--short=10", "HEAD")), "the page names the commit");
  check(git("log", "-1", "--format=%s %ae").startsWith("Roll back diabetes-progression in Production"), "the rollback is a commit");
  check(git("log", "-1", "--format=%ae") === "rosa@example.com", "it is of the user of serve");
  check((await stage.locator(".number").textContent()) !== was, "the page shows the version before");
  await other.waitForFunction((was) => {
    const tile = [...document.querySelectorAll(".tile.stage")].find((tile) => tile.textContent.includes("Production"));
    return tile && tile.querySelector(".number").textContent !== was;
  }, was);
  check(await other.locator("form[method=post]").count() === 0, "who only looks has no forms");
  // Nobody's words are lost: neither by news, nor by a refusal.
  await page.goto(`${base}/models/IRIS_pred_model/versions/6/`);
  const why = page.locator("form:has(input[value=promote]) textarea");
  await why.fill("Half a sentence");
  await page.locator("h1").click();
  const byKai = ["-C", registry, "-c", "user.name=Kai", "-c", "user.email=kai@example.com"];
  const happen = () => execFileSync("git", [...byKai, "commit", "-q", "--allow-empty", "-m", "Something else"]);
  happen();
  await page.waitForSelector(".news");
  check((await why.inputValue()) === "Half a sentence", "news do not take away what is being typed");
  execFileSync(modelreg, ["-C", registry, "tag", "IRIS_pred_model@7", "seen=yes"]);
  await page.click("form:has(input[value=promote]) button");
  await page.waitForSelector(".outcome.bad");
  check((await page.locator(".outcome").textContent()).includes("has changed since the page was shown"), "what has changed is told");
  check((await why.inputValue()) === "Half a sentence", "a refusal does not take away what was typed");
  happen();
  await page.waitForSelector(".news");
  check((await why.inputValue()) === "Half a sentence", "nor do news after it");

  // News move nothing under a pointer, and change nothing that was chosen.
  await page.goto(`${base}/models/wine-cultivar/versions/1/`);
  const promote = page.locator("form:has(input[value=promote])");
  await promote.locator("select").selectOption("Staging");
  await promote.locator("input[name=request]").check();
  await page.locator("h1").click();
  execFileSync(modelreg, ["-C", registry, "tag", "IRIS_pred_model@7", "seen=again"]);
  await page.waitForSelector(".news");
  check((await promote.locator("select").inputValue()) === "Staging", "what was chosen stays");
  check(!(await promote.locator("input[name=keep]").isChecked()), "what was not ticked is not");
  await page.goto(`${base}/requests/`);
  const opened = page.locator("details.act", { hasText: "Approve" }).first();
  await opened.locator("summary").click();
  const before = await opened.boundingBox();
  happen();
  await page.waitForSelector(".news");
  check((await opened.boundingBox()).y === before.y && (await opened.getAttribute("open")) !== null, "an open form stays where it is");

  check(errors.filter((error) => !error.includes("409")).length === 0, `a rollback: ${errors}`);
  await context.close();
  await other.close();
}

// Without a script: the key is typed, and forms are forms.
async function withoutScript(browser) {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${base}/models/wine-cultivar/`);
  await page.click("text=Change the registry");
  await page.fill("input[name=key]", "wrong");
  await page.click("button.primary");
  check(await page.locator(".notice.bad").isVisible(), "a wrong key is told");
  await page.fill("input[name=key]", key);
  await page.click("button.primary");
  await page.waitForURL(`${base}/#`);
  await page.goto(`${base}/models/wine-cultivar/`);
  await page.click("text=Change tags…");
  await page.fill("input[name=key]", "on-call");
  await page.fill("input[name=value]", "rosa");
  await page.click("text=Set the tag");
  check((await page.locator(".outcome.good").textContent()).includes("Tag wine-cultivar"), "a tag is set without a script");
  await page.goto(`${base}/requests/`);
  await page.locator("#IRIS_pred_model\\/Production\\/10 summary", { hasText: "Approve" }).click();
  await page.locator("#IRIS_pred_model\\/Production\\/10 form:visible button.primary").click();
  check((await page.locator(".outcome.good").textContent()).includes("2 of 2 approvals"), "a request is approved");
  check(await page.locator(".outcome.good").evaluate((told) => told.getBoundingClientRect().top >= 0), "what came of it is in view");
  await page.locator("#IRIS_pred_model\\/Production\\/10 summary", { hasText: "Land" }).click();
  await page.locator("#IRIS_pred_model\\/Production\\/10 form:visible button.primary").click();
  check(git("log", "-1", "--format=%s").startsWith("Land: "), "and landed");
  await context.close();
}

const browser = await launch();
try {
  for (const [scheme, width] of WAYS) await look(browser, scheme, width);
  await rollBack(browser);
  await withoutScript(browser);
} finally {
  await browser.close();
}
end("changes from the pages");
