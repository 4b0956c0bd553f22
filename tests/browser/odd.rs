//! Pages that are odd in one way each, and right: what a customer gets there, the walk must get, and no more.

use super::hostile::{hottest, processes, slay};
use super::lane::{Case, all_fit, outcome};
use super::rig::{Rig, told};
use super::zoo::{Pages, Zoo};
use std::time::Duration;

/// A page of figures, `--` each, that come as the script says.
macro_rules! figures {
    ($script:literal) => {
        concat!(
            "<b id=total>--</b><b id=cash>--</b><b id=funds>--</b><b id=rate>--</b><script>const at=(ms,id,say)=>setTimeout(()=>q(id).textContent=say,ms);",
            $script,
            "</script>"
        )
    };
}

const SUM: &str = "- assert: total == cash + funds\n    where: {total: {css: '#total', as: money}, cash: {css: '#cash', as: money}, funds: {css: '#funds', as: money}}";

const PAGES: Pages = &[
    // Figures come one after another, are wrong for a while, or never come.
    ("/late", figures!("at(200,'#total','100.00');at(400,'#cash','30.00');at(600,'#funds','70.00')")),
    (
        "/late-wrong",
        figures!(
            "at(100,'#total','100.00');at(100,'#cash','30.00');at(100,'#funds','60.00');at(3000,'#funds','70.00')"
        ),
    ),
    (
        "/wrong-gone",
        figures!(
            "at(0,'#total','100.00');at(0,'#cash','30.00');at(0,'#funds','60.00');setTimeout(()=>q('#funds').remove(),1500)"
        ),
    ),
    ("/late-cost", figures!("at(0,'#total','5.00');at(0,'#cash','0.00');at(1000,'#cash','100.00')")),
    ("/plain", "<p>到了</p>"),
    // What a tap changes is seen in a shadow root, and nowhere else.
    (
        "/stars",
        "<label>内容<textarea></textarea></label><x-stars></x-stars><script>customElements.define('x-stars',class extends HTMLElement{connectedCallback(){const r=this.attachShadow({mode:'open'});r.innerHTML='<button role=radio aria-checked=false aria-label=\"5 星\">★</button>';r.firstChild.onclick=()=>r.firstChild.setAttribute('aria-checked','true')}})</script>",
    ),
    // A text inside a label stands for the label's control.
    (
        "/agree",
        "<label style='display:block;padding:8px'><input type=checkbox onchange=\"done('已同意:'+this.checked)\"><span>我已阅读并同意</span></label>",
    ),
    (
        "/agreed",
        "<label><input type=checkbox checked onchange=\"done('已同意:'+this.checked)\"><span>我已阅读并同意</span></label><p>页面</p>",
    ),
    ("/name-span", "<label><span>姓名</span> <input oninput=\"done('值:'+this.value)\"></label>"),
    (
        "/stubborn-box",
        "<label><input type=checkbox onclick='return false'>我已阅读</label><p id=n>0</p><script>q('input').addEventListener('click',()=>q('#n').textContent++)</script>",
    ),
    ("/cards", "<div class=card><p>交易失败</p></div><div class=card><button onclick=done()>下一步</button></div>"),
    ("/one-card", "<div class=card><p>交易成功</p></div><p>交易失败</p>"),
    // A scope is a scope for XPath, too.
    (
        "/xpath",
        "<div id=a><button onclick=\"done('选了甲')\">甲</button></div><div id=b><button onclick=\"done('选了乙')\">乙</button></div>",
    ),
    // ARIA's words on what is disabled: the nearest decides, and only for what can be disabled.
    (
        "/aria-free",
        "<div aria-disabled=true><div role=group aria-disabled=false><button onclick=done()>下一步</button></div></div>",
    ),
    ("/aria-text", "<div aria-disabled=true><p onclick=done()>下一步</p></div>"),
    // The way to the goal scrolls the start out of the view.
    (
        "/far-drag",
        "<div id=knob role=slider aria-label=滑块 style='width:60px;height:60px;background:#07c;touch-action:none'></div><div style=height:1500px></div><div data-testid=goal style='width:80px;height:80px;background:#ddd'></div><div style=height:1500px></div><script>const k=q('#knob');k.onpointerdown=(e)=>{k.setPointerCapture(e.pointerId);k.onpointerup=(e)=>{const g=q('[data-testid=goal]').getBoundingClientRect();document.body.insertAdjacentHTML('afterbegin','<p>'+(e.clientY>=g.top&&e.clientY<=g.bottom?'到了':'不在')+'</p>')}}</script>",
    ),
    (
        "/under-header",
        "<div style='position:fixed;inset:0;background:#0008'>盖住</div><div style=height:3000px></div><p>底</p><script>addEventListener('scroll',()=>{if(scrollY>100)done('滚动了')})</script>",
    ),
    // What a frame was written with takes the listeners of the page before it.
    (
        "/written",
        "<iframe name=pay style='width:300px;height:200px'></iframe><script>setTimeout(()=>{const d=q('iframe').contentDocument;d.open();d.write('<button onclick=\"this.nextElementSibling.textContent=1+ +this.nextElementSibling.textContent\">内层按钮</button><b>0</b>');d.close()},300)</script>",
    ),
    // Something of the page above lies over its frame.
    (
        "/covered-frame",
        "<iframe name=pay src=/inner style='width:300px;height:200px'></iframe><div id=ad style='position:fixed;inset:0;background:#0008' onpointerdown=\"navigator.sendBeacon('/_/bought')\">立即购买</div>",
    ),
    (
        "/covered-stranger",
        "<div id=box></div><div id=ad style='position:fixed;inset:0;background:#0008' onpointerdown=\"navigator.sendBeacon('/_/bought')\">立即购买</div><script>q('#box').innerHTML='<iframe name=pay src=//localhost:'+location.port+'/inner style=width:300px;height:200px></iframe>'</script>",
    ),
    (
        "/stranger",
        "<div style=height:2000px></div><div id=box></div><script>q('#box').innerHTML='<iframe name=pay src=//localhost:'+location.port+'/inner style=width:300px;height:200px;border-width:5px;padding:7px></iframe>'</script>",
    ),
    ("/inner", "<button onclick=\"done('内层完成')\">内层按钮</button>"),
    (
        "/polls",
        "<script>let n=0;const poll=()=>fetch('/_/poll').then((r)=>r.json()).then((a)=>{if(a.code!=='0000')setTimeout(poll,500);else done()})</script><button onclick=poll()>下一步</button>",
    ),
    ("/query", "<button onclick=\"location.href='/query2?x=1'\">下一步</button>"),
    ("/query2", "<p>到了</p>"),
    (
        "/options",
        "<label>收款人 <select><option>请选择<option>张三丰<option>张三</select></label><label>机构 <select><option>工行一支行<option>工行二支行</select></label>",
    ),
    (
        "/self-download",
        "<a href=/_/file.pdf>月结单</a><script>setTimeout(()=>{const a=document.createElement('a');a.href=URL.createObjectURL(new Blob(['a,b']));a.download='自动.csv';document.body.append(a);a.click();a.remove()},200)</script>",
    ),
];

const CASES: &[Case] = &[
    ("/late", SUM, "passed"),
    ("/late", "- capture: {cash: {css: '#cash', as: money}}\n  - assert: cash == 30", "passed"),
    ("/late-wrong", SUM, "late figures"),
    ("/wrong-gone", SUM, "assertion-false: total == cash + funds (100.00, 30.00, 60.00)"),
    (
        "/late-cost",
        "- assert: gain / cost == 0.05\n    where: {gain: {css: '#total', as: money}, cost: {css: '#cash', as: money}}",
        "passed",
    ),
    (
        "/late",
        "- assert: rate == 1\n    within: 1s\n    where: {rate: {css: '#rate', as: money}}",
        "unreadable: `rate`",
    ),
    ("/stars", "- see: {label: 内容}\n  - fill: {label: 内容, text: 好}\n  - tap: {role: radio, name: 5 星}", "passed"),
    ("/agree", "- check: {text: 我已阅读并同意}\n    see: {text: \"已同意:true\"}", "passed"),
    ("/agreed", "- check: {text: 我已阅读并同意}\n  - wait: 300ms\n  - not_see: {text: 已同意}", "passed"),
    ("/agreed", "- uncheck: {text: 我已阅读并同意}\n    see: {text: \"已同意:false\"}", "passed"),
    ("/name-span", "- fill: {css: label span, text: 张三}\n    see: {text: \"值:张三\"}", "passed"),
    (
        "/stubborn-box",
        "- check: {role: checkbox, name: 我已阅读}\n    see: {text: 我已阅读}",
        "no-effect: still not checked",
    ),
    (
        "/cards",
        "- not_see: {text: 交易失败, in: {css: .card}}\n    within: 1s",
        "ambiguous: 2 elements answer to the `in:`",
    ),
    (
        "/cards",
        "- see: {text: 交易失败, in: {css: .card}}\n    within: 1s",
        "ambiguous: 2 elements answer to the `in:`",
    ),
    (
        "/cards",
        "- tap: {text: 下一步, in: {css: .card}}\n    see: {text: 已完成}",
        "ambiguous: 2 elements answer to the `in:`",
    ),
    ("/one-card", "- not_see: {text: 交易失败, in: {css: .card}}", "passed"),
    ("/xpath", "- tap: {xpath: //button, in: {css: \"#b\"}}\n    see: {text: 选了乙}", "passed"),
    ("/aria-free", "- tap: {role: button, name: 下一步}\n    see: {text: 已完成}", "passed"),
    ("/aria-text", "- tap: {text: 下一步}\n    see: {text: 已完成}", "passed"),
    ("/far-drag", "- drag: {from: {role: slider, name: 滑块}, to: {testid: goal}}\n    see: {text: 到了}", "passed"),
    ("/under-header", "- scroll: {text: 底, exact: true}\n    see: {text: 滚动了}", "passed"),
    (
        "/written",
        "- wait: 600ms\n  - tap: {role: button, name: 内层按钮, frame: {name: pay}}\n  - see: {text: \"1\", exact: true, frame: {name: pay}}",
        "passed",
    ),
    (
        "/covered-frame",
        "- tap: {role: button, name: 内层按钮, frame: {name: pay}}\n    see: {text: 内层完成, frame: {name: pay}}",
        "covered: 立即购买",
    ),
    (
        "/covered-stranger",
        "- tap: {role: button, name: 内层按钮, frame: {name: pay}}\n    see: {text: 内层完成, frame: {name: pay}}",
        "covered: 立即购买",
    ),
    (
        "/stranger",
        "- tap: {role: button, name: 内层按钮, frame: {name: pay}}\n    see: {text: 内层完成, frame: {name: pay}}",
        "passed",
    ),
    (
        "/polls",
        "- tap: {role: button, name: 下一步}\n    response: {path: /_/poll, json: {\"$.code\": \"0000\"}}\n    within: 15s",
        "passed",
    ),
    (
        "/query",
        "- tap: {role: button, name: 下一步}\n    expect-url: {matches: \"(?i)/QUERY2\\\\?x=\\\\d+\\\\z\"}",
        "passed",
    ),
    ("/query", "- tap: {role: button, name: 下一步}\n    expect-url: /query2?x=1", "passed"),
    ("/query", "- tap: {role: button, name: 下一步}\n    expect-url: /quer?2", "wrong-route: `/quer?2`"),
    (
        "/options",
        "- choose: {label: 收款人, option: 张三}\n  - script: q('select').value === '张三'\n  - see: {label: 收款人}",
        "passed",
    ),
    ("/options", "- choose: {label: 机构, option: 支行}\n    see: {label: 机构}", "ambiguous: 2 elements"),
    (
        "/self-download",
        "- wait: 600ms\n  - download: {role: link, name: 月结单, file: \"*.pdf\", kind: pdf}\n  - see: {role: link, name: 月结单}",
        "passed",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn odd_pages_are_walked_as_a_customer_would() {
    all_fit(PAGES, "desktop", CASES.iter()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_over_a_frame_is_tapped() {
    let zoo = Zoo::open(PAGES).await;
    let mut rig = Rig::at(&zoo.base).await;
    rig.hosts.push(zoo.base.replace("http://127.0.0.1", "localhost"));
    for page in ["/covered-frame", "/covered-stranger"] {
        let steps = format!(
            "  - open: {page}\n  - tap: {{role: button, name: 内层按钮, frame: {{name: pay}}}}\n    within: 2s"
        );
        let record = rig.walk(&format!("{steps}\n  - see: {{text: 立即购买}}")).await;
        assert!(outcome(&record).starts_with("covered: "), "{}", told(&record));
    }
    assert_eq!(zoo.count("POST", "/_/bought"), 0, "what lies over the frame was tapped");
    rig.browsers.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_journey_that_changes_nothing_taps_twice() {
    const SLOW: Pages = &[(
        "/order",
        "<button onclick=\"setTimeout(()=>fetch('/_/api',{method:'POST',body:'1'}),1300)\">下单</button>",
    )];
    let zoo = Zoo::open(SLOW).await;
    let rig = Rig::at(&zoo.base).await;
    let journey = |safety: &str| {
        format!(
            "journey: order\ntitle: 下单\napp: zoo\nsafety: {safety}\nsteps:\n  - open: /order\n  - tap: {{role: button, name: 下单}}\n  - wait: 2s\n  - see: {{role: button, name: 下单}}\n"
        )
    };
    let check = async |safety: &str, expected: (&str, usize)| {
        let before = zoo.count("POST", "/_/api");
        let record = rig.walk(&journey(safety)).await;
        let found = (outcome(&record), zoo.count("POST", "/_/api") - before);
        assert_eq!((found.0.as_str(), found.1), expected, "{safety}\n{}", told(&record));
    };
    check("money", ("passed", 1)).await;
    check("reversible", ("passed", 1)).await;
    check("read-only", ("second tap", 2)).await;
    rig.browsers.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_popup_that_crashes_is_told_at_once() {
    const POPUP: Pages = &[
        ("/blank", "<a href=/popup target=_blank>新窗口</a>"),
        ("/popup", "<h1>弹出页</h1><script>setInterval(()=>{const t=Date.now();while(Date.now()-t<80);},100)</script>"),
    ];
    let zoo = Zoo::open(POPUP).await;
    let mut rig = Rig::at(&zoo.base).await;
    rig.step_within = Duration::from_secs(20);
    let steps = "  - open: /blank\n  - tap: {role: link, name: 新窗口}\n  - switch: popup\n  - script: fetch('/_/api').then(() => true)\n  - see: {text: 永不}";
    let walking = rig.walk(steps);
    let harming = async {
        let deadline = std::time::Instant::now() + Duration::from_secs(30);
        while zoo.count("GET", "/_/api") == 0 {
            assert!(std::time::Instant::now() < deadline, "the walk did not come to the popup");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        slay(hottest(&processes(rig.dir.path())).await);
    };
    let (record, ()) = tokio::join!(walking, harming);
    assert!(outcome(&record).starts_with("crashed"), "{}", told(&record));
    rig.browsers.shutdown().await;
}
