//! The script inside the page: finding, acting, seeing and looking, in a realm of its own.
//!
//! It lives in a named sandbox, so that a page that replaces `Array.prototype` or `elementsFromPoint`
//! cannot lie to it; one call answers a whole question, with the waiting done inside the page.

/// The sandbox's name.
pub(crate) const SANDBOX: &str = "gengfu";

/// What installs the agent in every new document. Top-level and frames alike; safe to evaluate twice.
pub(crate) const INSTALL: &str = concat!(
    "() => {\nif (typeof globalThis.gengfu === 'function') return;\n",
    include_str!("agent/find.js"),
    include_str!("agent/act.js"),
    include_str!("agent/sight.js"),
    include_str!("agent/flaws.js"),
    include_str!("agent/oddities.js"),
    include_str!("agent/look.js"),
    include_str!("agent/rows.js"),
    include_str!("agent/cover.js"),
    include_str!("agent/layout.js"),
    "const verbs = { act, settle, read, rows, pose, unpose, look: (a) => look(a.always), cover, uncover: lift, snapshot,
  holds: (a) => a.sights.map(holds), scroll: (a) => { scrollBy({ left: a.x, top: a.y, behavior: 'instant' }); return 0; },
  place: (a) => { const e = find(a.target)[0]; if (!e) return null; const b = e.getBoundingClientRect(); return { x: b.x, y: b.y, width: b.width, height: b.height }; },
  size: () => ({ width: innerWidth, height: innerHeight }), value: (a) => valueOf(find(a.target)[0]) };
globalThis.gengfuMarked = () => state.marked;
verbs.call = async (a) => { try { const r = await fetch(a.url, { method: a.method, credentials: 'include', body: a.body ?? undefined, headers: a.body == null ? {} : { 'content-type': 'application/json' } }); return { status: r.status, body: cut(await r.text(), 1 << 20) }; } catch (error) { return { error: String(error) }; } };
globalThis.gengfu = async (json) => { const [verb, args] = JSON.parse(json); try { return JSON.stringify(await verbs[verb](args)); } catch (error) { return JSON.stringify({ thrown: cut(String(error), 500) }); } };\n}"
);

/// Calls the agent; says `absent` where a document came to be before the agent was installed.
pub(crate) const CALL: &str = "(json) => typeof globalThis.gengfu === 'function' ? globalThis.gengfu(json) : 'absent'";
