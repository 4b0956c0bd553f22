// Walks one of the two bench journeys with Playwright and prints
//   {tool, version, chromium, journey, evidence, at_once, walks: [{ms, steps: [ms, …]}], median_ms, p90_ms, wall_ms}
// A walk's ms is what Gengfu counts, too: from the wish for a fresh context until it is closed again, tracing included.
// One walk before the first is thrown away: it warms the browser and the app. Any failed step ends everything, exit 1.

import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    journey: { type: 'string' },
    url: { type: 'string' },
    'at-once': { type: 'string', default: '1' },
    walks: { type: 'string', default: '10' },
    evidence: { type: 'string', default: 'none' },
    headed: { type: 'boolean', default: false },
  },
});

// Gengfu walks the same steps, locators and expectations; change both together.
const journeys = {
  light: {
    viewport: { width: 1280, height: 800 },
    locale: 'zh-CN',
    steps: [
      async (page, url) => { await page.goto(`${url}/login`); await see(page, '欢迎登录'); },
      async (page) => { await page.getByLabel('用户名', { exact: true }).fill('linxt'); },
      async (page) => { await page.getByLabel('密码', { exact: true }).fill('Tingchao#2601'); },
      async (page) => { await page.getByLabel('我已阅读并同意').check(); },
      async (page) => { await button(page, '登录').click(); await see(page, '稳健增长混合'); },
      async (page) => { await page.getByTestId('nav-funds').click(); await page.getByTestId('nav-000123').waitFor(); },
      async (page) => { await page.getByText('稳健增长混合').click(); await see(page, '净值走势'); },
      async (page) => { await button(page, '立即申购').click(); await page.getByLabel('申购金额').waitFor(); },
      async (page) => { await page.getByLabel('申购金额').fill('100.00'); },
      async (page) => { await page.getByText('返回详情').click(); await see(page, '净值走势'); },
      async (page) => { await page.getByTestId('nav-messages').click(); await see(page, '消息中心'); },
      async (page) => { await link(page, '退出登录').click(); await see(page, '欢迎登录'); },
    ],
  },
  heavy: {
    viewport: { width: 1280, height: 800 },
    locale: 'en-US',
    steps: [
      async (page, url) => { await page.goto(url); await see(page, '359999.64'); },
      async (page) => { await link(page, 'Balance Sheet').click(); await see(page, '119093.90'); },
      async (page) => { await link(page, 'Trial Balance').click(); await see(page, '13154.41'); },
      async (page) => { await link(page, 'Journal').click(); await see(page, 'Sell shares of VHT'); },
      async (page) => { await page.getByPlaceholder('Time').fill('2024-03'); },
      async (page) => {
        await page.getByPlaceholder('Time').press('Enter');
        await page.waitForURL(/journal\/\?time=2024-03$/);
        await see(page, 'Employer match for contribution');
      },
      async (page) => { await button(page, 'Postings').click(); await see(page, 'Expenses:Food:Groceries'); },
      async (page) => { await link(page, 'Holdings').click(); await see(page, 'Download as'); },
      async (page) => { await link(page, 'Holdings by Account').click(); await page.waitForURL(/by_account/); },
      async (page) => { await link(page, 'Statistics').click(); await see(page, 'Postings per Account'); },
      async (page) => { await link(page, 'Options').click(); await see(page, 'Color scheme'); },
      async (page) => { await link(page, 'Help').click(); await see(page, 'Help pages'); },
    ],
  },
};

const link = (page, name) => page.getByRole('link', { name, exact: true });
const button = (page, name) => page.getByRole('button', { name, exact: true });
const see = (page, text) => page.getByText(text).first().waitFor({ state: 'visible' });

const journey = journeys[options.journey];
const atOnce = Number(options['at-once']);
const count = Number(options.walks);
if (!journey || !options.url || !(atOnce >= 1) || !(count >= 1) || !['none', 'full'].includes(options.evidence)) {
  console.error(`walk-playwright: --journey ${Object.keys(journeys).join('|')} --url URL --at-once N --walks N --evidence none|full`);
  process.exit(2);
}

const require = createRequire(resolve('target/bench/playwright/x'));
const { chromium } = require('playwright-core');
const { version } = require('playwright-core/package.json');

const kept = mkdtempSync(join(tmpdir(), 'walk-playwright-'));
// Gengfu's own arguments; the others are Playwright's.
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic'];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: !options.headed, args });

let traces = 0;
async function walk() {
  const steps = [];
  const began = performance.now();
  const context = await browser.newContext({ viewport: journey.viewport, locale: journey.locale });
  context.setDefaultTimeout(30_000);
  if (options.evidence === 'full') await context.tracing.start({ screenshots: true, snapshots: true });
  const page = await context.newPage();
  for (const [index, step] of journey.steps.entries()) {
    const at = performance.now();
    try {
      await step(page, options.url);
    } catch (error) {
      throw new Error(`step ${index + 1} of ${options.journey}: ${error.message}`);
    }
    steps.push(Math.round(performance.now() - at));
  }
  if (options.evidence === 'full') await context.tracing.stop({ path: join(kept, `${++traces}.zip`) });
  await context.close();
  return { ms: Math.round(performance.now() - began), steps };
}

try {
  await walk();
  const walks = [];
  let left = count;
  const began = performance.now();
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (left-- > 0) walks.push(await walk());
  }));
  const wall = Math.round(performance.now() - began);
  const sorted = walks.map((one) => one.ms).sort((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  console.log(JSON.stringify({
    tool: 'playwright', version, chromium: browser.version(), journey: options.journey, evidence: options.evidence,
    at_once: atOnce, walks, median_ms: at(0.5), p90_ms: at(0.9), wall_ms: wall,
  }));
} catch (error) {
  console.error(`walk-playwright: ${error.message}`);
  process.exitCode = 1;
} finally {
  await browser.close();
  rmSync(kept, { recursive: true, force: true });
}
