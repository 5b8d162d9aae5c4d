// What a browser makes of the pages, and what the script does on them.
import { execFileSync } from "node:child_process";
import { check, end, inspect, launch, listen, WAYS } from "./look.mjs";

const [, , base, several, modelreg, registry, speech, site, screenshots] = process.argv;

const PAGES = {
  overview: "/",
  filtered: "/?q=iris&sort=modified&dir=desc",
  model: "/models/IRIS_pred_model/",
  version: "/models/IRIS_pred_model/versions/6/",
  comparison: "/models/digits-reader/compare/",
  "across-models": "/compare/?v=IRIS_pred_model%409&v=digits-reader%401",
  requests: "/requests/",
  activity: "/activity/",
  "not-found": "/nope/",
};
// Those of a server with several registries.
const SEVERAL = { registries: "/", "one-of-several": "/acme-models/models/IRIS_pred_model/", "no-registry": "/nope/" };
const ADDRESSES = [
  ...Object.entries(PAGES).map(([name, path]) => [name, base + path]),
  ...Object.entries(SEVERAL).map(([name, path]) => [name, several + path]),
];

async function look(browser, colorScheme, width, javaScriptEnabled) {
  const viewport = { width, height: width < 500 ? 844 : 900 };
  const context = await browser.newContext({ viewport, colorScheme, javaScriptEnabled });
  for (const [name, address] of ADDRESSES) {
    const where = `${name}, ${width} wide, ${colorScheme}${javaScriptEnabled ? "" : ", no script"}`;
    const page = await context.newPage();
    const errors = [];
    listen(page, errors);
    await page.goto(address, { waitUntil: "load" });
    check(await page.locator("h1").isVisible(), `${where}: it has a heading`);
    if (javaScriptEnabled) await inspect(page, where);
    check(errors.length === 0, `${where}: ${errors}`);
    if (screenshots && javaScriptEnabled) {
      await page.screenshot({ path: `${screenshots}/${name}-${width}-${colorScheme}.png`, fullPage: true });
    }
    await page.close();
  }
  await context.close();
}

function register(registry, model) {
  const [name, email] = ["Dana", "dana@example.com"];
  const env = { ...process.env, GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email };
  execFileSync(modelreg, ["-C", registry, "register", model, "--artifact", "s3://acme-models/next"], { env });
}

async function use(browser) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const errors = [];
  listen(page, errors);
  await page.goto(`${base}/`);
  await page.keyboard.press("/");
  await page.keyboard.type("iris");
  await page.waitForURL("**/?q=iris");
  await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 2);
  check(await page.evaluate(() => document.activeElement.name === "q"), "typing goes on while the rows change");
  await page.keyboard.press("Escape");
  await page.keyboard.press("j");
  check((await page.locator("tr.at").count()) === 1, "j marks a row");
  await page.click("th[data-key=latest] a");
  await page.waitForURL("**/?q=iris&sort=latest");
  const first = () => page.locator("tbody th a").first().textContent();
  check((await first()) === "iris-segments", "the rows are sorted by the newest version");
  await page.click("th[data-key=latest] a");
  await page.waitForURL("**/?q=iris&sort=latest&dir=desc");
  await page.waitForSelector("th[aria-sort=descending]");
  check((await first()) === "IRIS_pred_model", "a second click turns the order around");
  await page.fill("input[name=q]", "");
  await page.selectOption("select[name=stage]", "Production");
  await page.waitForURL("**/?stage=Production&**");
  await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 5);
  await page.reload();
  check((await page.locator("tbody tr").count()) === 5, "the address is the view");

  await page.goto(`${base}/activity/`);
  await page.selectOption("select[name=kind]", "rollback");
  await page.waitForURL("**/?kind=rollback");
  await page.waitForFunction(() => [...document.querySelectorAll(".event")].every((event) => event.matches(".kind-rollback")));
  check((await page.locator(".event").count()) > 0, "activity is filtered by its kind");

  await page.goto(`${base}/models/iris-segments/`);
  const rows = await page.locator(".versions tbody tr").count();
  register(registry, "iris-segments");
  await page.waitForFunction((rows) => document.querySelectorAll(".versions tbody tr").length === rows + 1, rows);
  await page.check('input[value="iris-segments@1"]');
  await page.check('input[value="iris-segments@2"]');
  await page.click(".versions button");
  await page.waitForURL("**/compare/**");
  check((await page.locator("table.compare thead th").count()) === 3, "the ticked versions are compared");
  await page.check("#only-differences");
  check(!(await page.locator("tr.same").first().isVisible()), "what is the same can be left out");

  await page.goto(`${base}/models/IRIS_pred_model/`);
  check((await page.title()).startsWith("IRIS_pred_model"), "a script in a description is not obeyed");
  await page.click("label[for=show-active]");
  check((await page.locator(".versions tbody tr:visible").count()) === 5, "only active versions are shown");

  await page.goto(`file://${site}/index.html`);
  await page.keyboard.press("/");
  await page.keyboard.type("iris");
  await page.waitForFunction(() => [...document.querySelectorAll("tbody tr")].filter((row) => !row.hidden).length === 2);
  await page.keyboard.press("Escape");
  await page.click("th[data-key=latest]");
  check((await page.locator("tbody tr:visible th a").first().textContent()) === "iris-segments", "files are sorted too");
  await page.click("text=IRIS_pred_model");
  check((await page.locator("h1").textContent()).includes("IRIS_pred_model"), "files lead to files");

  await page.goto(`${several}/`);
  await page.waitForSelector(".live:not([hidden])");
  register(speech, "whisperer");
  await page.waitForSelector("text=whisperer version 1 registered");
  await page.click("text=Speech & Vision");
  await page.click("text=whisperer");
  check(page.url() === `${several}/Speech%20%26%20Vision/models/whisperer/`, "the list leads to a registry, and that to a model");
  await page.click("a[aria-label='All registries']");
  check(page.url() === `${several}/`, "a registry leads back to the list");
  check(errors.length === 0, `in use: ${errors}`);
  await page.close();
}

const browser = await launch();
try {
  for (const [scheme, width] of WAYS) {
    await look(browser, scheme, width, true);
    await look(browser, scheme, width, false);
  }
  await use(browser);
} finally {
  await browser.close();
}
end(`${ADDRESSES.length} pages`);
