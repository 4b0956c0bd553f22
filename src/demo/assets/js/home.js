'use strict';
TC.start(async () => {
  const popup = (offer) => {
    const close = () => layer.remove();
    const layer = TC.el('div', { class: 'layer', role: 'dialog', 'aria-modal': 'true', 'aria-label': '活动推荐' },
      TC.el('div', { class: 'offer' },
        TC.el('img', { src: '/assets/img/gift.svg', alt: '', width: 120, height: 120 }),
        TC.el('strong', {}, offer.title), TC.el('p', {}, offer.text),
        TC.el('button', { type: 'button', class: 'primary', onclick: close }, '以后再说'),
        TC.el('button', { type: 'button', class: 'close', 'aria-label': '关闭活动', onclick: close }, '×')));
    document.body.append(layer);
  };
  const row = (item) => TC.el('li', { 'data-code': item.code },
    TC.el('a', { href: (item.kind === 'fund' ? '/funds/' : '/wealth/') + item.code },
      TC.el('span', { class: 'row-main' }, TC.el('span', { class: 'row-name' }, item.name), TC.el('span', { class: 'row-sub' }, item.code + ' · ' + item.risk)),
      TC.el('span', { class: 'row-side' },
        TC.el('span', { class: 'row-figure', 'data-testid': 'holding-' + item.code }, TC.grouped(item.amount)),
        TC.el('span', { class: 'row-sub signed', 'data-tone': TC.tone(item.gain) }, TC.signed(item.gain)))));
  const data = await TC.get('/api/home');
  const a = data.assets;
  TC.put({
    hello: data.hello, total: TC.grouped(a.total), cash: TC.grouped(a.cash), funds: TC.grouped(a.funds),
    wealth: TC.grouped(a.wealth), loans: TC.grouped(a.loans), gain: TC.signed(data.yesterday_gain), as_of: data.as_of,
    banner_title: data.banner.title, banner_text: data.banner.text,
  });
  document.querySelector('[data-bind-src=banner]').src = data.banner.image;
  TC.list('holdings', data.holdings.map(row), '暂无持仓');
  // Once a visit is enough.
  if (data.popup && !sessionStorage.getItem('offered')) {
    sessionStorage.setItem('offered', '1');
    popup(data.popup);
  }
});
