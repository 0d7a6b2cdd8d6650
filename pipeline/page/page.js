// The status page. Everything a log or a stranger wrote becomes text by el() and name(), never markup.

const POLL_MS = 2000;
const ANNOUNCE_MS = 30000;
const CAUSES_SHOWN = 5;
const POOLS_SHOWN = 6;
const CARDS_SHOWN = 6;
const GROUPS_SHOWN = 8;  // until all are asked for
const VERDICTS_SHOWN = 25;
const NAME_SHOWN = 48;
const SENTENCE_SHOWN = 400;

const at = id => document.getElementById(id);

// ---- Building nodes

function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat().filter(child => child !== "" && child !== false && child != null));
  return node;
}

// Signs that hide or turn text around are shown by their number.
function visible(text) {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    sign => `‹U+${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}›`);
}

function name(text, longest = NAME_SHOWN) {
  const signs = [...visible(text)];
  return el("bdi", {}, signs.length > longest ? signs.slice(0, longest).join("") + "…" : signs.join(""));
}

const chip = (text, tone) => el("span", {class: "chip", "data-tone": tone}, text);
const number = value => value.toLocaleString("en");
const counted = (value, one) => `${number(value)} ${one}${value === 1 ? "" : "s"}`;
const sentence = text => text.charAt(0).toUpperCase() + text.slice(1);

function bar(share, tone) {
  const fill = el("i");
  fill.style.width = `${Math.min(100, 100 * share)}%`;
  return el("span", {class: "bar", "data-tone": tone, "aria-hidden": "true"}, fill);
}

// Failed below, connected above it, each bar three minutes.
function hour(rate) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const most = Math.max(1, ...rate.failed.map((failed, i) => failed + rate.connected[i]));
  svg.setAttribute("viewBox", `0 0 ${rate.failed.length * 5} 30`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const put = (kind, i, y, height) => {
    const rect = document.createElementNS(svg.namespaceURI, "rect");
    for (const [key, value] of Object.entries({class: kind, x: i * 5, y, width: 4, height})) rect.setAttribute(key, value);
    svg.append(rect);
  };
  rate.failed.forEach((failed, i) => {
    const below = 29 * failed / most, above = 29 * rate.connected[i] / most;
    put("base", i, 29, 1);
    put("failed", i, 29 - below, below);
    put("connected", i, 29 - below - above, above);
  });
  return svg;
}

// Rows whose content did not change keep their nodes, and so the reader's place; a new row takes the focus over.
const drawn = new WeakMap();
function draw(parent, items, key, make) {
  const before = drawn.get(parent) ?? new Map();
  const now = new Map();
  const focused = document.activeElement;
  let refocus = null;
  for (const item of items) {
    const id = key(item), content = JSON.stringify(item);
    let row = before.get(id);
    if (!row || row.content !== content) {
      const node = make(item);
      if (row?.node.contains(focused)) refocus = node;
      row = {content, node};
    }
    now.set(id, row);
  }
  const nodes = [...now.values()].map(row => row.node);
  for (const node of [...parent.children]) if (!nodes.includes(node)) node.remove();
  nodes.forEach((node, i) => { if (parent.children[i] !== node) parent.insertBefore(node, parent.children[i] ?? null); });
  refocus?.querySelector("a, button")?.focus();
  drawn.set(parent, now);
}

// ---- Words and figures

let words = null;
let status = null;
let paused = false;
let before = 0;  // place from which an older page is shown; 0: the newest
let listed = "";  // what the list shows, so that it is asked for again only when something changed
let next = null;

const ratio = (failed, connected) => failed + connected > 0 ? failed / (failed + connected) : null;
const percent = share => share === null ? "–" : `${(100 * share).toFixed(share > 0 && share < 0.0995 ? 1 : 0)} %`;
const tone = (share, failed) => share === null || failed === 0 ? "good" : share >= 0.3 && failed >= 3 ? "bad" : share >= 0.1 ? "warn" : "good";
const actors = {nobody: "nobody", client: "client side", network: "network", concentrator: "concentrator", aaa: "AAA server"};
const grades = {certain: "good", probable: "warn", guess: undefined};
const joins = {one_sided: "one side's log only", weak: "both logs, matched by time and shape", strong: "both logs, matched by user or address", proof: "both logs, matched by a shared random id"};
const headline = cause => sentence(words.causes[cause]?.headline ?? cause);
const outcomes = ["failed", "connected", "undetermined", "contradictory", "in_progress", "not_a_user_attempt", "ended"];
const outcomeTone = outcome => ({failed: "bad", connected: "good"})[outcome];
const spaced = text => text.replaceAll("_", " ");

const clock = stamp => stamp ? stamp.slice(11, 19) : "–";
function moment(stamp) {
  if (!stamp) return "–";
  return stamp.slice(0, 10) === status?.log_time?.slice(0, 10) ? clock(stamp) : `${stamp.slice(5, 10)} ${clock(stamp)}`;
}

function ago(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 120) return `${s} s`;
  if (s < 7200) return `${Math.round(s / 60)} min`;
  return s < 172800 ? `${Math.round(s / 3600)} h` : `${Math.round(s / 86400)} days`;
}

// ---- The parts of the page

function drawHead() {
  at("state").dataset.tone = status.ready ? "good" : "bad";
  at("state-text").textContent = status.ready ? "ready" : `not ready: ${status.state}`;
  const behind = Date.parse(status.clock) - Date.parse(status.log_time);
  at("log-time").textContent = status.log_time
    ? `log time ${status.log_time.slice(0, 10)} ${clock(status.log_time)} UTC${behind > 5000 ? `, ${ago(behind)} ago` : ""}` : "no log time yet";
  at("version").textContent = `vpnverdict ${status.version}, role ${status.role}${status.names ? "" : "; names, addresses and log lines are hidden here"}`;
}

function tile(title, big, small, look, extra) {
  return el("div", {class: "tile", "data-tone": look}, el("div", {}, el("h2", {}, title), el("p", {class: "big"}, big), el("p", {class: "small"}, small)), extra);
}

function mostAffected(cards) {
  const most = Math.max(...cards.map(card => card.affected));
  return most > 0 ? `${counted(most, "client")} in the largest` : "places that are silent";
}

function drawTiles() {
  const openCards = incidents.filter(card => card.state === "open");
  const all = status.all, share = ratio(all.failed_5m, all.connected_5m);
  const lag = status.feeds.reduce((sum, feed) => sum + Math.max(0, feed.lag), 0);
  const known = status.feeds.some(feed => feed.lag >= 0);
  const tiles = [
    ["Attempts failing, 5 min", percent(share), `${number(all.failed_5m)} of ${number(all.failed_5m + all.connected_5m)} attempts · 1 h: ${percent(ratio(all.failed_1h, all.connected_1h))}`, tone(share, all.failed_5m), all],
    ["Incidents open", number(openCards.length), openCards.length === 0 ? "nothing that many have in common" : mostAffected(openCards), openCards.length > 0 ? "bad" : "good"],
    ["Clients failing, 1 h", number(all.clients_1h), counted(all.failed_1h, "failed attempt")],
    ["Attempts open", number(status.attempts_open), "not judged finally yet"],
    ["Kafka lag", known ? number(lag) : "–", known ? "records, all topics" : "not told yet"],
  ];
  draw(at("tiles"), tiles, item => item[0], ([title, big, small, look, rate]) => tile(title, big, small, look, rate && hour(rate)));
}

function filterButton(field, value, shown) {
  return el("button", {type: "button", class: "link", onclick: () => {
    at("filters").elements[field].value = value;
    filtersChanged();
    at("verdicts").scrollIntoView();
    at("verdicts").focus();
  }}, shown);
}

// Names stand inside the sentences: they are text, and a long one is cut.
let allCards = false, incidents = [];
function drawIncidents() {
  const open = incidents.filter(card => card.state === "open").length;
  at("incidents-note").textContent = incidents.length === 0 ? "None since this process has watched for them." : open === 0 ? "None is open." : "";
  draw(at("cards"), allCards ? incidents : incidents.slice(0, CARDS_SHOWN), card => card.id, card => el("li", {"data-tone": card.state === "open" ? "bad" : undefined},
    el("p", {}, el("b", {}, name(whatHappens(card), SENTENCE_SHOWN)), " ", name(card.sentence.slice(whatHappens(card).length), SENTENCE_SHOWN)),
    el("p", {class: "small"}, chip(card.state, card.state === "open" ? "bad" : "good"), " ", chip(spaced(card.kind)), " ", chip(card.grade, grades[card.grade]), " ",
      card.affected > 0 ? `${number(card.affected)} of ${number(card.active)} clients, since ` : "since ", moment(card.onset), card.closed_at ? ` to ${moment(card.closed_at)}: ` : "", name(card.closed_why),
      card.samples.length > 0 && [" · ", el("a", {href: `#attempt/${card.samples[0].attempt}`}, "evidence")]),
    more(
      ...[...card.counter_evidence.map(text => ["but", text]), ...card.changes.map(text => ["changed", text]), ...card.echoes.map(text => ["echo", text])]
        .map(([word, text]) => el("p", {class: "small"}, `${word}: `, name(text, SENTENCE_SHOWN))),
      card.samples.length > 0 && el("p", {class: "small"}, "for example: ",
        ...card.samples.map(sample => [el("a", {href: `#attempt/${sample.attempt}`}, sample.attempt), " "]).flat()))));
  at("all-cards").hidden = incidents.length <= CARDS_SHOWN;
  at("all-cards").textContent = allCards ? "Show fewer" : `Show all ${incidents.length}`;
}

// The sentence up to its first full stop; what to do comes after it.
function whatHappens(card) {
  const end = card.sentence.indexOf(". ");
  return end < 0 ? card.sentence : card.sentence.slice(0, end + 1);
}

function more(...parts) {
  return parts.some(part => part) && el("details", {class: "small"}, el("summary", {}, "more"), ...parts);
}

let allGroups = false;
function drawGroups() {
  draw(at("groups"), allGroups ? status.groups : status.groups.slice(0, GROUPS_SHOWN), group => group.group, group => {
    const share = ratio(group.failed_5m, group.connected_5m);
    const look = tone(share, group.failed_5m);
    return el("tr", {},
      el("td", {}, filterButton("group", group.group, group.group === "other" ? "other names" : name(group.group))),
      el("td", {}, el("div", {class: "rate", "data-tone": look}, el("b", {}, percent(share)), bar(share ?? 0),
        el("span", {class: "small"}, `${number(group.failed_5m)} of ${number(group.failed_5m + group.connected_5m)}`))),
      el("td", {class: "number", "data-label": "1 h:"}, percent(ratio(group.failed_1h, group.connected_1h))),
      el("td", {class: "number", "data-label": "clients:"}, number(group.clients_1h)),
      el("td", {}, group.worst ? [headline(group.worst), el("span", {class: "small"}, ` ×${number(group.worst_1h)}`)] : "–"),
      el("td", {}, hour(group)));
  });
  const hidden = status.groups_not_shown;
  at("all-groups").hidden = status.groups.length <= GROUPS_SHOWN;
  at("all-groups").textContent = allGroups ? "Show fewer" : `Show all ${status.groups.length}`;
  at("groups-note").textContent = status.groups.length === 0 ? "No attempt was decided in the last hour."
    : hidden > 0 ? `${counted(hidden, "more group")} with fewer failures.` : "";
}

// The most in use, hour by hour; the upper edge is the pool's size.
function day(pool) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 120 30");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const first = 24 - pool.hours.length;
  pool.hours.forEach((peak, i) => {
    const share = Math.min(1, peak / Math.max(1, pool.capacity));
    const rect = document.createElementNS(svg.namespaceURI, "rect");
    const kind = pool.free !== null && share >= 0.95 ? "failed" : "connected";
    for (const [key, value] of Object.entries({class: kind, x: 5 * (first + i), y: 29 - 28 * share, width: 4, height: 1 + 28 * share})) rect.setAttribute(key, value);
    svg.append(rect);
  });
  return svg;
}

function inTime(seconds) {
  const hours = seconds / 3600;
  return hours >= 48 ? `in ${Math.floor(hours / 24)} days` : hours >= 2 ? `in ${Math.floor(hours)} h` : `in ${Math.max(1, Math.floor(seconds / 60))} min`;
}

const sizes = {configured: "from the inventory", inferred: "inferred from refusals", lower_bound: "never seen full"};
let allPools = false, pools;
function drawPools() {
  draw(at("pools"), allPools ? pools.pools : pools.pools.slice(0, POOLS_SHOWN), pool => `${pool.concentrator}\n${pool.pool}\n${pool.by_group}`, pool => {
    const full = pool.free === 0;
    const share = pool.free === null ? null : pool.in_use / pool.capacity;
    const look = share === null ? undefined : share >= 0.95 ? "bad" : share >= 0.85 ? "warn" : "good";
    const use = pool.free !== null ? `${number(pool.in_use)} of ${number(pool.capacity)}`
      : pool.capacity === 0 ? "none ever given" : `${number(pool.in_use)} of ${number(pool.capacity)} or more`;
    const peak = Math.max(0, ...pool.hours);
    return el("tr", {},
      el("td", {}, pool.pool ? name(pool.pool) : "all addresses", pool.by_group && pool.pool ? el("span", {class: "small"}, " group") : "",
        el("span", {class: "small where"}, name(pool.concentrator))),
      el("td", {}, el("div", {"data-tone": look}, el("b", {}, use), share === null ? "" : bar(share),
        el("span", {class: "small"}, pool.capacity === 0 ? "" : `size ${sizes[pool.capacity_is]}`))),
      el("td", {class: "number", "data-label": "refused:"}, number(pool.refusals)),
      el("td", {"data-label": "full:"}, full ? chip("now", "bad") : pool.forecast
        ? chip(inTime(pool.forecast.full_in_seconds), pool.forecast.full_in_seconds < 4 * 3600 ? "warn" : undefined) : "–"),
      el("td", {}, day(pool), el("span", {class: "hidden"}, `at most ${number(peak)} in use in the last ${counted(pool.hours.length, "hour")}`)));
  });
  at("all-pools").hidden = pools.pools.length <= POOLS_SHOWN;
  at("all-pools").textContent = allPools ? "Show fewer" : `Show all ${pools.pools.length}`;
  const hidden = pools.count - pools.pools.length;
  at("pools-note").textContent = pools.count === 0 ? "No line has told of an address given or refused yet."
    : hidden > 0 ? `${counted(hidden, "more pool")} with more free.` : "";
}

function drawCauses() {
  const steps = Object.keys(words.steps).map(step => ({step, failed: 0}));
  for (const line of status.causes) {
    const step = steps.find(one => Number(one.step) === words.causes[line.cause]?.step);
    if (step) step.failed += line.failed_1h;
  }
  const most = Math.max(1, ...steps.map(step => step.failed));
  draw(at("steps"), steps.map(step => ({...step, share: step.failed / most})), step => step.step, step =>
    el("li", {"data-none": step.failed === 0}, `${step.step}. ${words.steps[step.step]}`, bar(step.share, "bad"), el("b", {class: "number"}, number(step.failed))));
  draw(at("causes"), status.causes.slice(0, CAUSES_SHOWN), line => line.cause, line => {
    const word = words.causes[line.cause];
    return el("li", {}, el("b", {}, number(line.failed_1h)), el("div", {},
      el("p", {}, filterButton("cause", line.cause, headline(line.cause)), " ", chip(actors[word.actor])),
      el("p", {class: "small"}, word.remedy),
      el("p", {class: "small"}, `${counted(line.clients_1h, "client")}, ${counted(line.groups_1h, "group")}, ${number(line.failed_5m)} in 5 min`)));
  });
}

const seen = new Map();  // topic -> what it showed before, for its pace
function drawFeeds() {
  const now = performance.now();
  const feeds = status.feeds.map(feed => {
    const last = seen.get(feed.topic);
    const pace = last && now > last.now ? Math.max(0, Math.round(1000 * (feed.records - last.records) / (now - last.now))) : null;
    seen.set(feed.topic, {now, records: feed.records});
    return {...feed, pace};
  });
  const cell = value => el("td", {class: "number"}, value === null || value < 0 ? "–" : number(value));
  draw(at("feeds"), feeds, feed => feed.topic, feed =>
    el("tr", {}, el("td", {}, name(feed.topic)), cell(feed.partitions), cell(feed.lag), cell(feed.pace), cell(feed.records)));
  draw(at("dialects"), status.dialects, one => one.dialect, one =>
    el("tr", {}, el("td", {}, one.dialect), cell(one.events), cell(one.ignored), cell(one.rejected)));
}

function verdictRow(verdict) {
  const who = verdict.user || verdict.client;
  return el("tr", {"data-tone": outcomeTone(verdict.outcome)},
    el("td", {}, el("time", {datetime: verdict.started_at ?? ""}, moment(verdict.started_at))),
    el("td", {}, who ? name(who) : el("span", {class: "small"}, status?.names === false ? "hidden" : "no name"), el("span", {class: "small"}, name(verdict.group || "no group"))),
    el("td", {}, name(verdict.peer_ip || verdict.client || "–"), el("span", {class: "small"}, name(verdict.concentrator || "–"))),
    el("td", {}, el("a", {href: `#attempt/${verdict.id}`}, headline(verdict.cause)),
      el("span", {class: "small"}, verdict.outcome === "connected" ? "" : verdict.remedy)),
    el("td", {}, verdict.actor === "nobody" ? "" : chip(actors[verdict.actor])),
    el("td", {}, chip(verdict.grade, grades[verdict.grade]), verdict.state === "final" ? "" : el("span", {class: "small"}, "provisional"),
      verdict.partial ? el("span", {class: "small"}, "logs missing") : ""));
}

// ---- One attempt

function facts(evidence) {
  return sentence(evidence.facts.map(fact => words.facts[fact] ?? fact).join("; "));
}

// What each side's log tells, in two columns; a column that is empty says so.
function sides(verdict) {
  const evidence = verdict.evidence.toSorted((a, b) => (a.time ?? "") < (b.time ?? "") ? -1 : (a.time ?? "") > (b.time ?? "") ? 1 : 0);
  const silent = ["client", "concentrator"].filter(side => !evidence.some(one => one.side === side));
  return el("ol", {class: "sides"}, evidence.map(evidenceItem),
    silent.map(side => el("li", {class: `${side} silent`}, `No line of the ${side}'s log belongs to this.`)));
}

function evidenceItem(evidence, i) {
  const side = evidence.side === "client" ? "client" : "concentrator";
  return el("li", {class: side},
    el("h4", {}, el("span", {}, `${i + 1}. ${side}, ${evidence.time?.slice(11, 23) ?? "no time"}`), name(`${evidence.source}:${evidence.line}`)),
    evidence.facts.length > 0 ? el("p", {}, facts(evidence)) : "",
    el("pre", {dir: "auto"}, evidence.text ? visible(evidence.text) : "(line hidden)"));
}

function milestones(verdict) {
  const order = Object.keys(words.milestones), last = order.indexOf(verdict.reached);
  return el("ol", {class: "reached", "aria-label": "How far it came"}, order.map((milestone, i) => {
    const stopped = i === last + 1 && verdict.outcome !== "connected";
    return el("li", {"data-tone": i <= last ? "good" : stopped ? "bad" : undefined}, `${i <= last ? "✓" : stopped ? "✗" : "·"} ${words.milestones[milestone]}`);
  }));
}

function verdictParts(verdict) {
  const why = words.rules[verdict.rule];
  const line = (term, value) => value ? [el("dt", {}, term), el("dd", {}, value)] : [];
  const causes = list => list.map(headline).join(" · ");
  return [
    el("p", {class: "remedy"}, el("b", {}, verdict.actor === "nobody" ? "What to do" : `What to do (${actors[verdict.actor]})`), verdict.remedy),
    el("dl", {},
      line("Why", why && `${why} (rule ${verdict.rule})`), line("What would settle it", verdict.next_check),
      line("Could also be", causes(verdict.alternatives)), line("Seen on the way", causes(verdict.also_seen)),
      line("User", verdict.user && name(verdict.user, 300)), line("Group", verdict.group && name(verdict.group, 300)),
      line("Client", (verdict.client || verdict.peer_ip) && [name(verdict.client || verdict.peer_ip, 300), verdict.client && verdict.peer_ip ? [" at ", name(verdict.peer_ip)] : ""].flat()),
      line("Concentrator", verdict.concentrator && name(verdict.concentrator, 300)),
      line("From, to", `${moment(verdict.started_at)} – ${moment(verdict.ended_at)} UTC`), line("Logs", joins[verdict.join]),
      line("Missing", verdict.partial && (verdict.missing.length > 0 ? [`Silence decided this, and part of the logs had not been read: `, name(verdict.missing.join(", "), 300)] : "Silence decided this, and what was before is not known."))),
    verdict.about === "attempt" ? [el("h3", {}, "How far it came"), milestones(verdict)] : [],
    el("h3", {}, "What the logs tell, each side by its own clock"),
    el("div", {class: "side-heads", "aria-hidden": "true"}, el("span", {}, "Client"), el("span", {}, "Concentrator")),
    sides(verdict),
  ].flat();
}

function attemptView(id, answer) {
  const main = answer.attempt ?? answer.sessions[0];
  const later = answer.attempt ? answer.sessions : answer.sessions.slice(1);
  return [
    el("div", {class: "head"}, el("h2", {id: "attempt-title", tabindex: "-1"}, headline(main.cause)),
      el("button", {type: "button", onclick: () => at("attempt").close()}, "Close")),
    el("div", {class: "chips"}, chip(spaced(main.outcome), outcomeTone(main.outcome)), chip(main.grade, grades[main.grade]),
      main.step > 0 ? chip(`step ${main.step}: ${words.steps[main.step]}`) : "", chip(main.cause), chip(`${main.state}, revision ${main.revision}`), chip(id)),
    main.same_as ? el("p", {}, "This is the other side of ", el("a", {href: `#attempt/${main.same_as}`}, main.same_as), ".") : "",
    verdictParts(main),
    later.map(session => [el("h3", {}, `After it had connected: ${headline(session.cause)}`), ...verdictParts(session)]),
  ].flat(2);
}

const named = () => location.hash.match(/^#attempt\/([0-9a-f]{16})$/)?.[1];
let opened = {};  // what the dialog shows
async function showAttempt() {
  const id = named();
  const dialog = at("attempt");
  if (!id || !words) return dialog.close();
  const reply = await fetch(`api/attempts/${id}`);
  const answer = await reply.json();
  if (named() !== id) return;  // it was closed meanwhile, or another one is asked for
  const content = JSON.stringify(answer);
  if (dialog.open && opened.id === id && opened.content === content) return;
  opened = {id, content};
  at("attempt-body").replaceChildren(...(reply.ok ? attemptView(id, answer) : [
    el("div", {class: "head"}, el("h2", {id: "attempt-title", tabindex: "-1"}, "This attempt is not here"), el("button", {type: "button", onclick: () => dialog.close()}, "Close")),
    el("p", {}, sentence(answer.error) + ".")]).filter(node => node !== ""));
  if (dialog.open) return;
  dialog.showModal();
  at("attempt-title").focus();
}

// ---- Asking

async function ask(path) {
  const reply = await fetch(path, {headers: {Accept: "application/json"}});
  if (!reply.ok) throw new Error(`${path} answered ${reply.status}`);
  return reply.json();
}

function query() {
  const fields = new URLSearchParams(new FormData(at("filters")));
  for (const [key, value] of [...fields]) if (value === "") fields.delete(key);
  fields.set("limit", VERDICTS_SHOWN);
  if (before) fields.set("before", before);
  return fields.toString();
}

async function drawVerdicts() {
  const asked = query(), wanted = `${before ? "" : status.newest}?${asked}`;
  if (wanted === listed) return;
  const page = await ask(`api/verdicts?${asked}`);
  if (asked !== query()) return;  // the filters have changed meanwhile
  listed = wanted;
  next = page.next;
  draw(at("rows"), page.verdicts, verdict => verdict.id, verdictRow);
  at("rows-note").textContent = page.verdicts.length > 0 ? "" : "No verdict kept here fits.";
  at("older").hidden = next === null;
  at("newest").hidden = before === 0;
}

function fillSelects() {
  const select = at("filters").elements.group, chosen = select.value;
  const groups = status.groups.map(group => group.group).sort();
  if (chosen && !groups.includes(chosen)) groups.push(chosen);
  if (select.options.length - 1 === groups.length && groups.every((group, i) => select.options[i + 1].value === group)) return;
  select.replaceChildren(el("option", {value: ""}, "any"), ...groups.map(group => el("option", {value: group}, [...visible(group)].slice(0, 60).join(""))));
  select.value = chosen;
}

function filtersChanged() {
  before = 0;
  drawVerdicts().catch(trouble);
}

function trouble(error) {
  at("trouble").hidden = false;
  at("trouble").textContent = `The service does not answer; what stands here is of ${clock(status?.clock)} UTC. ${error.message}`;
  at("state").dataset.tone = "bad";
  at("state-text").textContent = "no answer";
}

let announcedAt = 0, announced = {newest: 0, ready: null};
function announce() {
  const changed = announced.ready !== status.ready;
  if (!changed && (Date.now() - announcedAt < ANNOUNCE_MS || status.newest === announced.newest)) return;
  announcedAt = Date.now();
  announced = {newest: status.newest, ready: status.ready};
  at("announcer").textContent = `${status.ready ? "Ready" : "Not ready"}. ${percent(ratio(status.all.failed_5m, status.all.connected_5m))} of attempts failed in five minutes.`;
}

async function turn() {
  try {
    words ??= await ask("api/words");
    status = await ask("api/status");
    at("trouble").hidden = true;
    fillCauses();
    drawHead();
    ({incidents} = await ask("api/incidents?limit=50"));
    drawTiles();
    drawIncidents();
    drawGroups();
    pools = await ask("api/pools");
    drawPools();
    drawCauses();
    drawFeeds();
    fillSelects();
    await drawVerdicts();
    announce();
    if (location.hash) await showAttempt();
  } catch (error) {
    trouble(error);
  }
}

async function live() {
  if (!paused && !document.hidden) await turn();
  setTimeout(live, POLL_MS);
}

function fillCauses() {
  const select = at("filters").elements.cause;
  if (select.options.length > 0) return;
  select.append(el("option", {value: ""}, "any"), ...Object.keys(words.causes).map(cause => el("option", {value: cause}, spaced(cause))));
}

// ---- Theme, keys, start

function stored(key, value) {
  try {
    if (value !== undefined) localStorage.setItem(key, value);
    return localStorage.getItem(key);
  } catch {
    return null;  // a browser that keeps nothing
  }
}

function showTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  const dark = theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  at("theme").textContent = dark ? "Light" : "Dark";
  at("theme").setAttribute("aria-label", dark ? "Switch to the light colours" : "Switch to the dark colours");
  return dark;
}

const outcomeSelect = at("filters").elements.outcome;
outcomeSelect.append(el("option", {value: ""}, "any"), ...outcomes.map(outcome => el("option", {value: outcome, selected: outcome === "failed"}, spaced(outcome))));
at("theme").addEventListener("click", () => showTheme(stored("theme", showTheme(document.documentElement.dataset.theme) ? "light" : "dark")));
at("pause").addEventListener("click", () => {
  paused = !paused;
  at("pause").setAttribute("aria-pressed", paused);
});
let typing = 0;
at("filters").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(filtersChanged, 250);
});
at("filters").addEventListener("reset", () => setTimeout(filtersChanged));
at("filters").addEventListener("submit", event => event.preventDefault());
at("all-groups").addEventListener("click", () => {
  allGroups = !allGroups;
  drawGroups();
});
at("all-cards").addEventListener("click", () => {
  allCards = !allCards;
  drawIncidents();
});
at("all-pools").addEventListener("click", () => {
  allPools = !allPools;
  drawPools();
});
at("older").addEventListener("click", () => { before = next; drawVerdicts().catch(trouble); at("verdicts").scrollIntoView(); });
at("newest").addEventListener("click", () => { before = 0; drawVerdicts().catch(trouble); });
addEventListener("hashchange", () => showAttempt().catch(trouble));
at("attempt").addEventListener("close", () => {
  if (named() === opened.id) history.replaceState(null, "", location.pathname + location.search);
});
document.addEventListener("keydown", event => {
  if (event.key !== "/" || event.target.closest("input, select, dialog")) return;
  event.preventDefault();
  at("filters").elements.find.focus();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => showTheme(stored("theme")));
showTheme(stored("theme"));
live();
