// What holds of every page: nothing beyond the edge, no error, no finding of axe.
import fs from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const executablePath = process.env.CHROMIUM || "/usr/bin/chromium";
const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];

export const WAYS = ["light", "dark"].flatMap((scheme) => [390, 1440].map((width) => [scheme, width]));

let failures = 0;

export function check(holds, what) {
  if (!holds) {
    failures += 1;
    console.log(`✘ ${what}`);
  }
}

export function end(what) {
  console.log(failures === 0 ? `✔ ${what}` : `${failures} failures`);
  process.exit(failures === 0 ? 0 : 1);
}

export function launch() {
  return chromium.launch({ executablePath, args });
}

// Errors of a page, but for an answer that is meant to be a refusal.
export function listen(page, errors, meant = "404") {
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().includes(meant)) errors.push(message.text());
  });
}

export async function inspect(page, where) {
  const beyond = await page.evaluate(() => {
    const root = document.documentElement;
    const boxes = [...document.querySelectorAll(".card.flush")];
    return root.scrollWidth > root.clientWidth || boxes.some((box) => box.scrollWidth > box.clientWidth + 1);
  });
  check(!beyond, `${where}: nothing is beyond the edge`);
  // The debugger's own code is not held back by the page's policy.
  const debug = await page.context().newCDPSession(page);
  await debug.send("Runtime.evaluate", { expression: axe });
  const found = await page.evaluate(() => axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] }));
  for (const { id, nodes } of found.violations) check(false, `${where}: axe finds ${id} at ${nodes[0].target}`);
}
