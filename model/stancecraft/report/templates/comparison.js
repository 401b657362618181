(() => {
  "use strict";
  // Words of transcripts reach the page as text nodes only.
  const data = JSON.parse(document.getElementById("data").textContent);
  const STEP = 50;
  const REASONS = {
    decided: "decided: the model's answer stands",
    below_threshold: "below the threshold for being about the issue",
    abstained: "abstained",
  };
  const issues = data.titles.length;
  const form = document.getElementById("filters");
  const cells = [...document.querySelectorAll("button.cell")].map((button) => {
    const [group, issue] = button.getAttribute("aria-controls").split("-").slice(1).map(Number);
    const section = document.getElementById(button.getAttribute("aria-controls"));
    return { button, section, issue, positions: data.cells[group * issues + issue], limit: STEP };
  });

  function make(tag, name, ...inside) {
    const made = document.createElement(tag);
    if (name) made.className = name;
    made.append(...inside);
    return made;
  }

  const two = (value) => (value < 0 ? "" : "+") + (value / 100).toFixed(2);
  const share = (value) => (value / 1000).toFixed(3);
  const counted = (number, what) => `${number} ${what}${number === 1 ? "" : "s"}`;

  function before(pieces, at) {
    let told = "";
    while (--at >= 0 && pieces[at] !== null && told.length <= data.around) told = pieces[at] + told;
    if (told.length <= data.around) return told;
    return "… " + told.slice(-data.around).replace(/^\S*\s/, "");
  }

  function after(pieces, at) {
    let told = "";
    while (++at < pieces.length && pieces[at] !== null && told.length <= data.around) told += pieces[at];
    if (told.length <= data.around) return told;
    return told.slice(0, data.around).replace(/\s\S*$/, "") + " …";
  }

  function marked(words, carried) {
    const found = make("strong", "text");
    const flat = carried ? carried[3] : [];
    let largest = 1;
    for (let i = 2; i < flat.length; i += 3) largest = Math.max(largest, Math.abs(flat[i]));
    let cursor = 0;
    for (let i = 0; i < flat.length; i += 3) {
      const start = cursor + flat[i];
      found.append(words.slice(cursor, start).replace(/\s/g, " "));
      cursor = start + flat[i + 1];
      const size = Math.abs(flat[i + 2]) / largest;
      const name = flat[i + 2] < 0 ? "away" : size >= 0.3 ? "toward strong" : "toward";
      const mark = make("mark", name, words.slice(start, cursor).replace(/\s/g, " "));
      mark.style.setProperty("--share", size.toFixed(2));
      mark.title = `${two(flat[i + 2])} of ${two(carried[1])}`;
      found.append(mark);
    }
    found.append(words.slice(cursor).replace(/\s/g, " "));
    return found;
  }

  function quoted(doc, piece, carried) {
    const { pieces } = data.docs[doc];
    const quote = make("blockquote", "");
    quote.dir = "auto";
    quote.append(make("span", "beside", before(pieces, piece).replace(/^\s+/, "")));
    quote.append(marked(pieces[piece], carried));
    quote.append(make("span", "beside", after(pieces, piece).replace(/\s+$/, "")));
    return quote;
  }

  function chances(stance, thousandths) {
    const list = make("dl", "chances");
    data.values.forEach((value, at) => {
      const decided = at === stance ? " decided" : "";
      const fill = make("div", "fill " + value);
      fill.style.width = thousandths[at] / 10 + "%";
      list.append(make("dt", decided, value), make("dd", "track", fill), make("dd", "figure" + decided, share(thousandths[at])));
    });
    return list;
  }

  function loudest(words, carried) {
    const flat = carried[3];
    const told = [];
    let cursor = 0;
    for (let i = 0; i < flat.length; i += 3) {
      const start = cursor + flat[i];
      cursor = start + flat[i + 1];
      told.push([words.slice(start, cursor), flat[i + 2]]);
    }
    told.sort((one, other) => Math.abs(other[1]) - Math.abs(one[1]));
    return told.slice(0, 4).map(([word, value]) => `“${word}” ${two(value)}`).join(", ");
  }

  function why(doc, piece, stance, reason, carried) {
    const told = make("div", "why");
    const name = data.reasons[reason];
    told.append(make("p", "", (REASONS[name] || name) + "."));
    if (!carried) return told;
    const [over, margin, bias] = carried;
    const lead = `${data.values[stance]} rather than ${data.values[over]} by ${two(margin)}, of which ${two(bias)} belongs to no word.`;
    const behind = ` Below 0: ${data.values[over]} alone is likelier, yet the statement passes the threshold for being about the issue.`;
    told.append(make("p", "", margin < 0 ? lead + behind : lead));
    const most = loudest(data.docs[doc].pieces[piece], carried);
    if (most) told.append(make("p", "", `Most: ${most}.`));
    return told;
  }

  function item(position) {
    const [number, stance, thousandths, reason, carried] = position;
    const [doc, piece, speaker, side, turn, place, remarks] = data.statements[number];
    const found = make("li", "");
    const where = Array.isArray(place) ? `characters ${place[0]} to ${place[1]}` : place;
    const who = data.speakers[speaker] || "Unnamed";
    const line = [data.sides[side] ? `${who} (${data.sides[side]})` : who, data.values[stance]];
    found.append(make("div", "said", line.join(": ")));
    const document_ = data.docs[doc];
    const told = [document_.name, document_.date, `turn ${turn}`, where, remarks].filter((one) => one);
    found.append(make("div", "who", told.join(", ")));
    if (piece >= 0) found.append(quoted(doc, piece, carried));
    found.append(make("div", "found", chances(stance, thousandths), why(doc, piece, stance, reason, piece >= 0 && carried)));
    return found;
  }

  function wanted(cell) {
    const { issue, speaker, stance, least } = form.elements;
    if (issue.value !== "" && Number(issue.value) !== cell.issue) return [];
    return cell.positions.filter(([number, value, thousandths]) =>
      (speaker.value === "" || data.speakers[data.statements[number][2]] === speaker.value) &&
      (stance.value === "" || data.values[value] === stance.value) &&
      thousandths[value] >= Number(least.value) * 10);
  }

  const isOpen = (cell) => cell.button.getAttribute("aria-expanded") === "true";

  function show(cell) {
    const open = isOpen(cell);
    cell.section.hidden = !open;
    const list = cell.section.querySelector("ol");
    if (!open) {
      list.replaceChildren();
      return 0;
    }
    const found = wanted(cell);
    const shown = found.slice(0, cell.limit);
    list.replaceChildren(...shown.map(item));
    const passing = found.length === cell.positions.length ? counted(found.length, "statement")
      : `${found.length} of ${counted(cell.positions.length, "statement")} pass the filters`;
    const part = shown.length < found.length ? `; the first ${shown.length} are shown` : "";
    cell.section.querySelector(".count").textContent = passing + part + ".";
    cell.section.querySelector(".more").hidden = shown.length === found.length;
    return found.length;
  }

  function tell() {
    const open = cells.filter(isOpen);
    const passing = open.reduce((sum, cell) => sum + wanted(cell).length, 0);
    const all = open.reduce((sum, cell) => sum + cell.positions.length, 0);
    document.getElementById("tally").textContent = open.length
      ? `${counted(open.length, "cell")} open: ${passing} of ${counted(all, "statement")} pass the filters.`
      : "No cell is open.";
  }

  function toggle(cell, open) {
    cell.button.setAttribute("aria-expanded", String(open));
    cell.limit = STEP;
    show(cell);
    tell();
  }

  function close(cell) {
    toggle(cell, false);
    cell.button.focus();
  }

  function refresh() {
    form.elements.level.value = (Number(form.elements.least.value) / 100).toFixed(2);
    for (const cell of cells.filter(isOpen)) {
      cell.limit = STEP;
      show(cell);
    }
    tell();
  }

  for (const cell of cells) {
    cell.button.addEventListener("click", () => {
      const open = !isOpen(cell);
      toggle(cell, open);
      if (open) cell.section.querySelector("h3").focus();
    });
    cell.section.querySelector(".close").addEventListener("click", () => close(cell));
    cell.section.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close(cell);
    });
    for (const [name, limit] of [["some", () => cell.limit + STEP], ["rest", () => Infinity]]) {
      cell.section.querySelector("." + name).addEventListener("click", () => {
        const first = Math.min(cell.limit, cell.positions.length - 1);
        cell.limit = limit();
        show(cell);
        // The button that was pressed may be gone: reading goes on at the first new statement.
        const next = cell.section.querySelectorAll("li")[first];
        next.tabIndex = -1;
        next.focus();
      });
    }
  }
  form.addEventListener("input", refresh);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(refresh));
  document.getElementById("open-all").addEventListener("click", () => {
    for (const cell of cells) if (!isOpen(cell)) toggle(cell, true);
  });
  document.getElementById("close-all").addEventListener("click", () => {
    for (const cell of cells) if (isOpen(cell)) toggle(cell, false);
  });
  document.getElementById("controls").hidden = false;
  tell();
})();
