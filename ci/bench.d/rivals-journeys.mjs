// The demo's journeys as a competent QA writes them for Playwright: the same ways, and the same assertions as in
// journeys/*.yaml, statuses of pages and of first-party calls, and no exception that nobody caught. Written from the pages
// and the journeys, without a look at the table of faults. `shot` is where the pixel comparison takes its picture.

import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const desktop = { viewport: { width: 1280, height: 800 } };

class Failed extends Error {}
const must = (holds, said) => { if (!holds) throw new Failed(said); };
const money = (text) => Number(text.replace(/[^\d.\-]/g, ''));
const figure = async (page, id) => money(await page.getByTestId(id).innerText());
// Polls as Playwright's expect does.
async function expect(said, holds, within = 5_000) {
  const until = Date.now() + within;
  for (;;) {
    let held = false;
    try { held = await holds(); } catch { /* Not there yet. */ }
    if (held) return;
    must(Date.now() < until, said);
    await new Promise((done) => setTimeout(done, 100));
  }
}
const see = (locator, within = 5_000) => locator.first().waitFor({ state: 'visible', timeout: within });
const heading = (page, name) => see(page.getByRole('heading', { name }));
const at = (page, path) => page.waitForURL((url) => path.test(url.pathname), { timeout: 10_000 });
async function call(page, path, act) {
  const [answer] = await Promise.all([page.waitForResponse((r) => new URL(r.url()).pathname === path, { timeout: 10_000 }), act()]);
  must(answer.ok(), `${path} answers ${answer.status()}`);
  // A page that has gone on takes the answer's body with it: then it was right.
  const body = await answer.json().catch(() => ({ code: '0000' }));
  must(body.code === '0000', `${path} answers a business error`);
}
const seen = (page, id, text) => expect(`${id} shows ${text}`, async () => (await page.getByTestId(id).first().innerText()).includes(text));

async function login(page, customer, landsOn = /^\/home$/) {
  await page.goto('/login');
  await heading(page, '欢迎登录');
  must(!(await page.locator('#agree').isChecked()), '协议不得默认勾选');
  must((await page.getByLabel('密码', { exact: true }).getAttribute('type')) === 'password', '密码必须掩码显示');
  await page.shot('login');
  await page.getByLabel('用户名', { exact: true }).fill(customer.username);
  await page.getByLabel('密码', { exact: true }).fill(customer.password);
  await page.getByLabel('我已阅读并同意').check();
  await call(page, '/api/login', () => page.getByRole('button', { name: '登录', exact: true }).click());
  await at(page, landsOn);
}
async function home(page, customer) {
  await login(page, customer);
  await atHome(page);
}
async function atHome(page) {
  await expect('总资产有数', async () => (await page.getByTestId('total').innerText()).includes('.'), 15_000);
  await page.shot('home');
}
async function go(page, to, path, title) {
  await page.getByRole('navigation', { name: '主导航' }).getByRole('link', { name: to, exact: true }).click();
  await at(page, path);
  await heading(page, title);
}

export const journeys = {
  'login': { ...desktop, async walk(page, customer) {
    await home(page, customer);
    const name = await page.getByTestId('customer-name').innerText();
    must((await page.locator('.hello').innerText()).includes(name.trim()), '问候语里的客户与页眉不一致');
    await page.getByRole('link', { name: '退出登录' }).click();
    await at(page, /^\/login$/);
    await page.goto('/home');
    await see(page.locator('[data-testid=login-submit], [data-testid=customer-name]'));
    must((await page.getByTestId('customer-name').count()) === 0, '退出登录后仍能看到首页');
  } },
  'login-two-factor': { ...desktop, customer: 'suwq', async walk(page, customer) {
    await login(page, customer, /^\/login\/verify$/);
    await heading(page, '安全验证');
    await page.shot('verify');
    await page.getByLabel('动态口令').fill(totp(customer.totp));
    await call(page, '/api/login/verify', () => page.getByRole('button', { name: '验证', exact: true }).click());
    await at(page, /^\/home$/);
    await atHome(page);
    await see(page.getByTestId('customer-name'));
  } },
  'home-assets': { ...phone, async walk(page, customer) {
    await home(page, customer);
    const name = await page.getByTestId('customer-name').innerText();
    must((await page.locator('.hello').innerText()).includes(name.trim()), '问候语里的客户与页眉不一致');
    must(/^20\d\d-\d\d-\d\d \d\d:\d\d$/.test((await page.getByTestId('as-of').innerText()).trim()), '截至日期不是日期');
    await heading(page, '我的持仓');
    await page.getByTestId('holdings').getByText('稳健增长混合').click();
    await at(page, /^\/funds\/000123$/);
    await seen(page, 'fund-name', '稳健增长混合');
    await page.shot('fund');
  } },
  'fund-purchase': { ...phone, async walk(page, customer) {
    await home(page, customer);
    await go(page, '基金', /^\/funds$/, '基金超市');
    await see(page.getByText('稳健增长混合'));
    await page.shot('funds');
    await page.getByText('稳健增长混合').first().click();
    await at(page, /^\/funds\/000123$/);
    await seen(page, 'nav', '.');
    await see(page.getByTestId('chart'));
    await page.shot('fund');
    await page.getByRole('button', { name: '立即申购' }).click();
    await at(page, /^\/funds\/000123\/buy$/);
    await see(page.getByLabel('申购金额'));
    await seen(page, 'available', '.');
    must(!(await page.locator('#risk-read').isChecked()), '风险揭示书不得默认勾选');
    must((await page.getByLabel('交易密码').getAttribute('type')) === 'password', '交易密码必须掩码显示');
    await page.shot('buy');
    await page.getByRole('button', { name: '100元', exact: true }).click();
    must(money(await page.getByLabel('申购金额').inputValue()) === 100, '快捷金额没有填入');
    await page.getByLabel('申购金额').fill('100.00');
    await page.getByLabel('交易密码').fill(customer.trade_pin);
    await page.getByLabel('我已阅读并同意《风险揭示书》').check();
    await call(page, '/api/orders/prepare', () => page.getByRole('button', { name: '下一步' }).click());
    await at(page, /^\/orders\/[^/]+\/confirm$/);
    await heading(page, '确认申购');
    await seen(page, 'confirm-amount', '.');
    const [amount, fee, net] = [await figure(page, 'confirm-amount'), await figure(page, 'confirm-fee'), await figure(page, 'confirm-net')];
    must(amount === 100, '确认页的金额不是客户输入的金额');
    must(Math.round(amount * 100) === Math.round((fee + net) * 100), '申购金额应等于手续费与净申购金额之和');
    must((await page.getByTestId('confirm-code').innerText()).trim() === '000123', '确认页的产品不对');
    must((await page.getByTestId('confirm-name').innerText()).trim() === '稳健增长混合', '确认页的产品不对');
    await page.shot('confirm');
    await page.goBack();
    await at(page, /^\/funds\/000123\/buy$/);
  } },
  'transfer-confirm': { ...phone, async walk(page, customer) {
    await home(page, customer);
    await page.getByRole('link', { name: '转账', exact: true }).first().click();
    await at(page, /^\/transfer$/);
    await heading(page, '转账汇款');
    await expect('可用余额有数', async () => (await page.getByTestId('available').innerText()).includes('.'), 10_000);
    must((await page.getByLabel('交易密码').getAttribute('type')) === 'password', '交易密码必须掩码显示');
    await page.shot('transfer');
    const option = '顾言（工商银行 6222 **** **** 4402）';
    await page.getByLabel('收款人').selectOption({ label: option });
    await page.getByLabel('转账金额').fill('100.00');
    await page.getByLabel('附言').fill('水电费');
    await page.getByLabel('交易密码').fill(customer.trade_pin);
    await call(page, '/api/transfers/prepare', () => page.getByRole('button', { name: '下一步' }).click());
    await at(page, /^\/transfers\/[^/]+\/confirm$/);
    await heading(page, '确认转账');
    await seen(page, 'confirm-amount', '.');
    must((await figure(page, 'confirm-amount')) === 100, '确认页的金额不是客户输入的金额');
    must((await page.getByTestId('confirm-payee').innerText()).trim() === '顾言', '确认页的收款人不对');
    must(option.includes((await page.getByTestId('confirm-account').innerText()).trim()), '确认页的账号不对');
    await page.shot('confirm');
    await page.getByRole('link', { name: '返回修改' }).click();
    await at(page, /^\/transfer$/);
  } },
  'transactions': { ...desktop, async walk(page, customer) {
    await home(page, customer);
    await page.getByRole('link', { name: '交易明细' }).first().click();
    await at(page, /^\/transactions$/);
    await heading(page, '交易明细');
    await expect('第 1 页', async () => (await page.getByTestId('page-status').innerText()).includes('第 1 /'), 10_000);
    const cell = async (row, what) => money(await page.locator(`#entries > li:nth-child(${row}) [data-testid^=${what}-]`).innerText());
    const cents = (n) => Math.round(n * 100);
    const [one, two, three] = [await cell(1, 'balance'), await cell(2, 'balance'), await cell(3, 'balance')];
    must(cents(one) === cents(two + (await cell(1, 'amount'))) && cents(two) === cents(three + (await cell(2, 'amount'))), '余额与发生额对不上');
    must((await page.locator('#entries > li', { hasText: 'PATROL-' }).count()) === 0, '首页明细里出现了别的客户的附言');
    await page.shot('transactions');
    const first = () => page.locator('#entries > li:nth-child(1) .row-sub').first().innerText();
    const before = await first();
    await page.getByRole('button', { name: '下一页' }).click();
    await seen(page, 'page-status', '第 2 /');
    must((await first()) !== before, '翻页后仍是第一页的内容');
    await page.getByRole('button', { name: '收入' }).click();
    await seen(page, 'page-status', '第 1 /');
    await expect('筛选收入后出现了支出', async () => (await cell(1, 'amount')) > 0);
  } },
  'messages': { ...phone, async walk(page, customer) {
    await home(page, customer);
    await call(page, '/api/messages', () => page.getByRole('navigation', { name: '主导航' }).getByRole('link', { name: '消息', exact: true }).click());
    await at(page, /^\/messages$/);
    await heading(page, '消息中心');
    await expect('六条消息都在', async () => (await page.locator('#messages details').count()) === 6);
    must((await figure(page, 'unread')) === (await page.locator('#messages > li.unread').count()), '未读条数不一致');
    await page.shot('messages');
    await page.locator('#messages summary').first().click();
    await see(page.locator('#messages details[open] p'));
  } },
  'wealth-product': { ...phone, async walk(page, customer) {
    await home(page, customer);
    await go(page, '理财', /^\/wealth$/, '理财产品');
    await see(page.getByText('听潮稳利90天A'));
    await page.shot('wealth');
    await page.getByText('听潮稳利90天A').first().click();
    await at(page, /^\/wealth\/TC2601$/);
    await seen(page, 'benchmark', '%');
    await page.shot('product');
    await page.getByRole('button', { name: '认购', exact: true }).click();
    const notice = page.getByRole('dialog', { name: '认购须知' });
    await see(notice);
    await page.getByRole('button', { name: '我知道了' }).click();
    await notice.waitFor({ state: 'hidden', timeout: 5_000 });
  } },
  'loan-rate': { ...desktop, async walk(page, customer) {
    await home(page, customer);
    await page.getByRole('link', { name: '贷款', exact: true }).first().click();
    await at(page, /^\/loans$/);
    await heading(page, '贷款服务');
    const list = page.getByTestId('loan-list');
    await see(list.getByText('听潮易贷'));
    must((await list.getByText('年化利率（单利）').count()) === (await page.locator('#loans > li').count()), '每个贷款产品都要写明年化利率');
    await page.shot('loans');
    await page.getByLabel('贷款产品').selectOption({ label: '小微经营贷' });
    await page.getByLabel('贷款金额').fill('100000');
    await page.getByLabel('期数（月）').fill('12');
    await page.getByRole('button', { name: '试算' }).click();
    await seen(page, 'calc-interest', '.');
    must(Math.round((await figure(page, 'calc-interest')) * 100) === Math.round(100000 * (await figure(page, 'apr-L03'))), '试算的利息与年化利率对不上');
  } },
  'prospectus-popup': { ...desktop, async walk(page, customer) {
    await home(page, customer);
    await go(page, '基金', /^\/funds$/, '基金超市');
    await page.getByLabel('搜索').fill('000123');
    await see(page.getByText('稳健增长混合'));
    await page.getByText('稳健增长混合').first().click();
    await at(page, /^\/funds\/000123$/);
    await seen(page, 'nav', '.');
    await see(page.getByTestId('chart'));
    await page.shot('fund');
    const risk = await page.getByTestId('fund-risk').innerText();
    const [popup] = await Promise.all([page.waitForEvent('popup', { timeout: 10_000 }), page.getByRole('button', { name: '查看招募说明书' }).click()]);
    await heading(popup, '招募说明书');
    must((await popup.getByTestId('prospectus-code').innerText()).trim() === '000123', '说明书不是这只产品的');
    must((await popup.getByTestId('prospectus-name').innerText()).trim() === '稳健增长混合', '说明书不是这只产品的');
    must((await popup.getByTestId('prospectus-risk').innerText()).trim() === risk.trim(), '说明书与详情页的风险等级不一致');
  } },
  'settings-privacy': { ...phone, async walk(page, customer) {
    await home(page, customer);
    await go(page, '我的', /^\/settings$/, '我的');
    await seen(page, 'profile-phone', '1');
    must(/^1\d\d\*{4}\d{4}$/.test((await page.getByTestId('profile-phone').innerText()).trim()), '手机号码必须掩码显示');
    must(/^\d{4}\*{8,12}[\dXx]{4}$/.test((await page.getByTestId('profile-id').innerText()).trim()), '证件号码必须掩码显示');
    must((await page.getByTestId('profile-name').innerText()).trim() === (await page.getByTestId('customer-name').innerText()).trim(), '显示的是别的客户的资料');
    await page.shot('settings');
    const nickname = page.getByLabel('昵称');
    const old = await nickname.inputValue();
    const save = async (name) => {
      await nickname.fill(name);
      await page.getByRole('button', { name: '保存' }).click();
      await see(page.getByText('保存成功'));
    };
    await save('更夫测试');
    await page.reload();
    await seen(page, 'profile-phone', '1');
    const saved = await nickname.inputValue();
    await save(old);
    must(saved === '更夫测试', '提示保存成功，刷新后却没有保存');
    await page.getByRole('link', { name: '隐私政策' }).click();
    await at(page, /^\/settings\/privacy$/);
    await heading(page, '隐私政策');
    await see(page.getByText('我们如何收集和使用您的个人信息'));
    await see(page.getByText('您的权利'));
    await page.shot('privacy');
    await page.goBack();
    await at(page, /^\/settings$/);
    await page.getByRole('link', { name: '注销账户' }).click();
    await heading(page, '注销账户');
    await see(page.getByRole('button', { name: '申请注销' }));
  } },
  'complaint': { ...phone, async walk(page, customer) {
    await home(page, customer);
    await page.getByRole('link', { name: '帮助中心' }).first().click();
    await at(page, /^\/help$/);
    await heading(page, '帮助中心');
    must((await page.getByTestId('help-hotline').innerText()).trim() === '400-000-8866', '客服热线号码不对');
    await page.shot('help');
    await page.getByRole('link', { name: '我要投诉' }).click();
    await at(page, /^\/help\/complaint$/);
    await heading(page, '意见与投诉');
    await page.shot('complaint');
    await page.getByLabel('投诉类型').selectOption({ label: '服务设施、设备、业务系统' });
    await page.getByLabel('投诉内容').fill('更夫巡检测试，请忽略并关闭本条。');
    await page.getByRole('radio', { name: '5 星' }).click();
    await call(page, '/api/complaints', () => page.getByRole('button', { name: '提交投诉' }).click());
    await seen(page, 'complaint-done', '受理编号');
    await expect('我的记录里有这条投诉', async () => (await page.locator('#complaints > li').count()) === 1);
  } },
  'statement-download': { ...desktop, async walk(page, customer) {
    await home(page, customer);
    await page.getByRole('list', { name: '常用功能' }).getByRole('link', { name: '月结单' }).click();
    await at(page, /^\/statements$/);
    await heading(page, '电子月结单');
    const first = page.getByTestId('statement-list').getByRole('link', { name: '月结单' }).first();
    await see(first);
    await page.shot('statements');
    const [file] = await Promise.all([page.waitForEvent('download', { timeout: 10_000 }), first.click()]);
    must(file.suggestedFilename().endsWith('.pdf'), '文件不是 PDF');
    const bytes = readFileSync(await file.path());
    must(bytes.length >= 400 && bytes.subarray(0, 4).toString() === '%PDF', '文件不是 PDF');
  } },
  'esign-frame': { ...desktop, async walk(page, customer) {
    await home(page, customer);
    await page.getByRole('link', { name: '电子签约' }).first().click();
    await at(page, /^\/esign$/);
    await heading(page, '电子签约');
    const frame = page.frameLocator('[name=esign]');
    await frame.getByLabel('我已阅读合同全文').check();
    must((await frame.getByTestId('signer').innerText()).trim() === (await page.getByTestId('customer-name').innerText()).trim(), '合同上的甲方不是登录的客户');
    await page.shot('esign');
    await call(page, '/api/esign/sign', () => frame.getByRole('button', { name: '签署合同' }).click());
    await expect('签约成功', async () => (await frame.getByTestId('signed').innerText()).includes('签约成功'));
  } },
};

// RFC 6238 with SHA-1, six digits, half a minute.
function totp(secret) {
  const bits = [...secret.replace(/=+$/, '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const code = (mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000;
  return String(code).padStart(6, '0');
}
