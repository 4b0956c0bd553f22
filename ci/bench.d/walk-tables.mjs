// Prints the tables of `ci/bench walk` from its lines: node ci/bench.d/walk-tables.mjs FILE
// A cell is the median over the rounds of each run's figure. `a walk` is the median time of one walk, from the wish for a
// lane until it is given back; `each` is the time of the whole run by its walks: what a busy machine gets done.

import { readFileSync } from 'node:fs';

const lines = readFileSync(process.argv[2], 'utf8').trim().split('\n').map((line) => JSON.parse(line));
const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};
const key = (line) => `${line.journey} ${line.evidence} ${line.at_once}`;
const runs = lines.filter((line) => line.tool);
const tool = (name) => runs.find((line) => line.tool === name);
const chromium = tool('playwright')?.chromium;
if (chromium) console.log(`Chromium ${chromium}, Playwright ${tool('playwright').version}, Gengfu ${tool('gengfu')?.version}\n`);

console.log('| journey | evidence | at once | Gengfu a walk (ms) | Playwright a walk (ms) | ratio | Gengfu each (ms) | Playwright each (ms) | ratio |');
console.log('|---|---|---:|---:|---:|---:|---:|---:|---:|');
for (const group of new Set(runs.map(key))) {
  const of = (name) => runs.filter((line) => key(line) === group && line.tool === name);
  const walk = (name) => median(of(name).map((line) => line.median_ms));
  const each = (name) => median(of(name).map((line) => line.wall_ms / line.walks.length));
  const [journey, evidence, many] = group.split(' ');
  const cells = [walk, each].flatMap((figure) => {
    const [ours, theirs] = ['gengfu', 'playwright'].map(figure);
    return [ours.toFixed(0), theirs.toFixed(0), `**${(ours / theirs).toFixed(2)}**`];
  });
  console.log(`| ${journey} | ${evidence} | ${many} | ${cells.join(' | ')} |`);
}

console.log("\nWhere a walk's time goes, in ms a walk (one at once). Preparing the next window and removing the last run beside it.\n");
console.log('| journey | evidence | all | waiting in the page | input | navigation | lane | pictures | rest: app side, own work |');
console.log('|---|---|---:|---:|---:|---:|---:|---:|---:|');
const shares = {
  page: ['script.callFunction'],
  input: ['input.performActions', 'input.setFiles', 'Input.dispatchMouseEvent', 'Input.dispatchTouchEvent'],
  navigation: ['browsingContext.navigate', 'browsingContext.reload', 'browsingContext.traverseHistory'],
  lane: ['browsingContext.setViewport', 'emulation.setLocaleOverride', 'Emulation.setDeviceMetricsOverride'],
  pictures: ['Page.captureScreenshot', 'browsingContext.captureScreenshot'],
};
// A click is three commands under way at the same time, a touch two: about this much of their sum.
const AT_ONCE = { 'Input.dispatchMouseEvent': 3, 'Input.dispatchTouchEvent': 2 };
for (const group of new Set(runs.filter((line) => line.split_per_walk && line.at_once === 1).map(key))) {
  const ours = runs.filter((line) => line.tool === 'gengfu' && key(line) === group);
  const all = median(ours.map((line) => line.median_ms));
  const share = (methods) => median(ours.map((line) => methods.reduce((sum, method) => sum + (line.split_per_walk[method]?.ms ?? 0) / (AT_ONCE[method] ?? 1), 0)));
  const parts = Object.values(shares).map(share);
  const rest = Math.max(0, all - parts.reduce((sum, part) => sum + part, 0));
  console.log(`| ${group.split(' ').slice(0, 2).join(' | ')} | ${[all, ...parts, rest].map((ms) => ms.toFixed(0)).join(' | ')} |`);
}

const memory = lines.find((line) => line.lanes);
if (memory) {
  console.log(`\nMemory: ${memory.lanes} lanes on one page; each beyond the first takes ${memory.pss_each_mib} MiB (PSS of the browser's processes), the robot itself ${memory.resident_robot_mib} MiB resident.`);
}
const walking = Math.max(...runs.filter((line) => line.resident_robot_mib).map((line) => line.resident_robot_mib));
if (Number.isFinite(walking)) console.log(`While walking the robot took at most ${walking} MiB resident (with its evidence on disk).`);
