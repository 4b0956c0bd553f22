// Walks the demo with three rivals at once, fault by fault, and says which of them raised an alarm:
//   scripts  Playwright, a script a journey (rivals-journeys.mjs), two retries: an alarm when all three attempts fail;
//   pixels   full-page pictures of the pages on the way against those of one clean walk, with Playwright's own comparator at
//            0.1 % of the pixels: an alarm when each of three attempts has a page that differs, or never comes to it;
//   masked   the same where somebody has masked what is known to move: the rotating banner and the live estimates.
// All get what Gengfu gets: the same faults, journeys, customers and seeds. An alarm of any kind counts as found: none of them
// says a class or a step. Of Gengfu the right class at the right step is asked.

import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { journeys } from './rivals-journeys.mjs';

const { values: options } = parseArgs({
  options: {
    demo: { type: 'string' },
    only: { type: 'string' },
    group: { type: 'string' },
    seed: { type: 'string', default: '1' },
    clean: { type: 'string', default: '2' },
    'at-once': { type: 'string', default: '2' },
    ours: { type: 'string' },
    'ours-clean': { type: 'string' },
    json: { type: 'string' },
  },
});
const ATTEMPTS = 3;
const RIVALS = ['scripts', 'pixels', 'masked'];
const MOVING = ['[data-testid=banner]', '[data-testid=estimate]'];
const require = createRequire(resolve('target/bench/playwright/x'));
const { chromium } = require('playwright-core');
const { version } = require('playwright-core/package.json');
const compare = require('playwright-core/lib/coreBundle').utils.getComparator('image/png');

// A demo of one's own, as each of Gengfu's patrols has: its faults and customers are not another's.
async function demo(seed) {
  const child = spawn(options.demo, ['--serve', '--seed', String(seed)], { stdio: ['pipe', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('{')) return { child, ...JSON.parse(line) };
  }
  throw new Error('the demo did not start');
}
const post = async (stage, path, body) => {
  const answer = await fetch(`${stage.control}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
};

// One attempt: why the script failed, and the pictures on the way.
async function attempt(browser, stage, name) {
  const journey = journeys[name];
  const customer = stage.customers.find((one) => one.username === (journey.customer ?? 'linxt'));
  const { walk, customer: _, ...device } = journey;
  const context = await browser.newContext({ ...device, baseURL: stage.app, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const wrong = [];
  const own = (url) => url.startsWith(stage.app);
  context.on('response', (response) => {
    const needed = ['document', 'fetch', 'xhr'].includes(response.request().resourceType());
    if (needed && own(response.url()) && response.status() >= 400) wrong.push(`${new URL(response.url()).pathname} answers ${response.status()}`);
  });
  context.on('weberror', (error) => wrong.push(`exception: ${error.error().message}`));
  // The banner that is offered now and then.
  const offer = page.getByRole('dialog', { name: '活动推荐' });
  await page.addLocatorHandler(offer, () => page.getByRole('button', { name: '以后再说' }).click());
  const shots = [];
  page.shot = async (at) => {
    const how = { fullPage: true, animations: 'disabled', caret: 'hide', timeout: 10_000 };
    shots.push([at, { pixels: await page.screenshot(how), masked: await page.screenshot({ ...how, mask: MOVING.map((css) => page.locator(css)) }) }]);
  };
  try {
    await walk(page, customer);
  } catch (error) {
    wrong.unshift(error.message.split('\n')[0]);
  }
  await context.close().catch(() => {});
  return { wrong, shots };
}

// The pages that differ from the approved ones, or did not come.
function differing(approved, shots, rival) {
  const seen = new Map(shots);
  return [...approved].filter(([at, picture]) => !seen.has(at) || compare(seen.get(at)[rival], picture[rival], { maxDiffPixelRatio: 0.001 }) !== null).map(([at]) => at);
}

// A walk of each rival, with its retries.
async function walked(browser, stage, name, approved) {
  const said = {};
  const left = new Set(RIVALS);
  for (let turn = 0; turn < ATTEMPTS && left.size > 0; turn++) {
    const { wrong, shots } = await attempt(browser, stage, name);
    for (const rival of [...left]) {
      const found = rival === 'scripts' ? wrong : differing(approved, shots, rival);
      said[rival] = found.length ? found.slice(0, 3).join('; ') : null;
      if (!found.length) left.delete(rival);
    }
  }
  return said;
}

async function baseline(browser, stage, name) {
  const { wrong, shots } = await attempt(browser, stage, name);
  if (wrong.length) throw new Error(`the script of ${name} fails on the healthy demo: ${wrong.join('; ')}`);
  return new Map(shots);
}

function wilson(of, all) {
  if (!all) return [0, 1];
  const z = 1.96, p = of / all, whole = 1 + z * z / all;
  const middle = p + z * z / (2 * all), width = z * Math.sqrt(p * (1 - p) / all + z * z / (4 * all * all));
  return [(middle - width) / whole, (middle + width) / whole];
}
const share = (of, all) => { const [low, high] = wilson(of, all); return `${of}/${all} ${low.toFixed(2)}-${high.toFixed(2)}`.padEnd(18); };

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-quic'] });
const began = Date.now();
const stages = [];
try {
  // The same seeds as `ci/bench detect`.
  for (let n = 0; n < Number(options['at-once']); n++) stages.push(await demo(Number(options.seed) * 1_000 + n));
  const { faults } = await (await fetch(`${stages[0].control}/api/faults`)).json();
  const asked = faults.filter((f) => (!options.only || options.only.split(',').includes(f.id)) && (!options.group || options.group === f.group));
  const unknown = new Set(asked.flatMap((f) => f.shows_in).filter((name) => !journeys[name]));
  if (unknown.size) throw new Error(`no script for ${[...unknown].join(', ')}: write it in rivals-journeys.mjs`);
  const rows = [], clean = [];
  const turns = [];
  for (let n = 0; n < Number(options.clean); n++) for (const name of Object.keys(journeys)) turns.push({ name });
  for (const fault of asked) turns.push({ fault });
  // Each stage approves its own pictures, once.
  await Promise.all(stages.map(async (stage) => {
    const approved = new Map();
    const picturesOf = async (name) => {
      if (!approved.has(name)) approved.set(name, await baseline(browser, stage, name));
      return approved.get(name);
    };
    for (let turn = turns.shift(); turn; turn = turns.shift()) {
      const names = turn.fault ? turn.fault.shows_in : [turn.name];
      await post(stage, '/api/mend', {});
      for (const name of names) await picturesOf(name);
      if (turn.fault) await post(stage, `/api/faults/${turn.fault.id}`, { rate: 'always' });
      const found = Object.fromEntries(RIVALS.map((rival) => [rival, null]));
      for (const name of names) {
        const said = await walked(browser, stage, name, await picturesOf(name));
        for (const rival of RIVALS) found[rival] ??= said[rival] && `${name}: ${said[rival]}`;
      }
      await post(stage, '/api/mend', {});
      const line = { ...found, ...(turn.fault ? { fault: turn.fault.id, group: turn.fault.group } : { clean: turn.name }) };
      (turn.fault ? rows : clean).push(line);
      console.log(`${(line.fault ?? 'clean').padEnd(6)} ${RIVALS.map((rival) => `${rival} ${found[rival] ?? '-'}`).join(' | ')}`);
    }
  }));
  say(rows, clean);
  if (options.json) writeFileSync(options.json, JSON.stringify({ seed: options.seed, playwright: version, chromium: browser.version(), rows, clean }, null, 1));
} catch (error) {
  console.error(`rivals: ${error.message}`);
  process.exitCode = 1;
} finally {
  await browser.close();
  for (const stage of stages) stage.child.stdin.end();
}

function say(rows, clean) {
  const ours = options.ours ? JSON.parse(readFileSync(options.ours, 'utf8')).series.filter((s) => s.percent === 100) : [];
  const of = new Map(ours.map((s) => [s.fault, s]));
  console.log('\nfound of faults, with the 95 % interval (Wilson 1927); of Gengfu the right class at the right step');
  console.log('group faults scripts            pixels             masked             gengfu             gengfu, any incident');
  const groups = [...new Set(rows.map((r) => r.group))].sort();
  for (const group of ['*', ...groups]) {
    const mine = rows.filter((r) => group === '*' || r.group === group);
    const known = mine.filter((r) => of.has(r.fault));
    const count = (rival) => share(mine.filter((r) => r[rival]).length, mine.length);
    const own = (key) => known.length ? share(known.filter((r) => of.get(r.fault)[key] !== null).length, known.length) : 'not measured'.padEnd(18);
    console.log(`${group.padStart(5)} ${String(mine.length).padStart(6)} ${RIVALS.map(count).join(' ')} ${own('found_after')} ${own('opened_after')}`);
  }
  console.log('\nfalse alarms of clean walks with churn');
  for (const rival of RIVALS) console.log(`${rival.padEnd(8)} ${share(clean.filter((r) => r[rival]).length, clean.length)}`);
  const known = options['ours-clean'] ? JSON.parse(readFileSync(options['ours-clean'], 'utf8')).clean : null;
  if (known) console.log(`gengfu   ${share(known.incidents.length, known.walks)}`);
  console.log(`Playwright ${version}, Chromium ${browser.version()}, seed ${options.seed}, ${Math.round((Date.now() - began) / 1000)} s`);
}
