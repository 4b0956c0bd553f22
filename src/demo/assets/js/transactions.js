'use strict';
TC.start(async () => {
  const state = { page: 1, pages: 1, kind: 'all' };
  const row = (e) => TC.el('li', { class: 'plain', 'data-serial': e.serial },
    TC.el('span', { class: 'row-main' }, TC.el('span', { class: 'row-name' }, e.title + (e.remark ? '（' + e.remark + '）' : '')), TC.el('span', { class: 'row-sub' }, e.at)),
    TC.el('span', { class: 'row-side' }, TC.el('span', { class: 'row-figure', 'data-testid': 'amount-' + e.serial }, TC.grouped(TC.signed(e.amount))),
      TC.el('span', { class: 'row-sub' }, '余额 ', TC.el('span', { 'data-testid': 'balance-' + e.serial }, TC.grouped(e.balance)))));
  const load = async () => {
    const data = await TC.get('/api/transactions?page=' + state.page + '&kind=' + state.kind);
    Object.assign(state, { page: data.page, pages: data.pages });
    TC.list('entries', data.items.map(row), '暂无交易');
    TC.put({ page_status: '第 ' + data.page + ' / ' + data.pages + ' 页', count: data.count });
    document.getElementById('previous').disabled = data.page <= 1;
    document.getElementById('next').disabled = data.page >= data.pages;
  };
  const turn = (by) => { state.page += by; load().catch((trouble) => TC.toast(trouble.message)); };
  document.getElementById('previous').addEventListener('click', () => turn(-1));
  document.getElementById('next').addEventListener('click', () => turn(1));
  for (const chip of document.querySelectorAll('[data-kind]')) {
    chip.addEventListener('click', () => {
      for (const other of document.querySelectorAll('[data-kind]')) other.setAttribute('aria-pressed', String(other === chip));
      Object.assign(state, { kind: chip.dataset.kind, page: 1 });
      turn(0);
    });
  }
  await load();
});
