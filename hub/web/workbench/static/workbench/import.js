// The import page: try the file, show every problem and what each column is, import when all fits.
(function () {
  "use strict";

  const page = document.querySelector("[data-wb=import]");
  const told = JSON.parse(page.querySelector("[data-wb=told]").textContent);
  const part = (name) => page.querySelector(`[data-wb=${name}]`);
  const [file, text, mode, step] = ["file", "text", "mode", "step"].map((one) => document.getElementById(`import-${one}`));
  const [check, bring] = [part("check"), part("bring")];
  const SHOWN = 500;
  let columns = {}; // what the user says of headings; the hub knows the rest
  let key = "";
  let asked = 0;

  function fresh() {
    key = [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");
    bring.disabled = true;
  }

  function form(dryRun) {
    const data = new FormData();
    if (file.files.length) data.append("file", file.files[0]);
    else data.append("text", text.value);
    data.append("dry_run", dryRun ? "true" : "false");
    data.append("mode", mode.value);
    data.append("step", step ? step.value : "");
    data.append("columns", JSON.stringify(columns));
    data.append("key", key);
    return data;
  }

  const words = (pair) => (pair ? pair[told.language] || pair.zh : "");
  const say = (name, n) => told.words[name].replace("{n}", n);

  function element(tag, className, content) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(content ?? "");
    return made;
  }

  function tell(kind, title, lines) {
    const box = element("div", `alert alert-${kind} d-block`, element("h4", "alert-title", title));
    lines.filter(Boolean).forEach((line) => box.append(element("div", "", line)));
    part("said").replaceChildren(box);
  }

  function figures(answer) {
    const parts = ["rows", "documents", "created", "updated", "unchanged", "stepped"]
      .filter((name) => answer[name] || name === "rows")
      .map((name) => (["rows", "documents"].includes(name) ? `${answer[name]} ${say(name)}` : `${say(name)} ${answer[name]}`));
    return parts.join(" · ");
  }

  function showProblems(problems) {
    const rows = problems.slice(0, SHOWN).map((one) => {
      const row = element("tr");
      const sentence = element("td", "wb-sentence", words(one.message));
      if (one.hint) sentence.append(" ", element("span", "text-secondary", words(one.hint)));
      row.append(element("td", "wb-number", one.row ? String(one.row) : say("whole")), element("td", "", one.column || ""), sentence);
      return row;
    });
    if (problems.length > SHOWN) {
      const cell = element("td", "text-secondary", say("more", problems.length - SHOWN));
      cell.colSpan = 3;
      const row = element("tr");
      row.append(cell);
      rows.push(row);
    }
    part("found").hidden = !problems.length;
    part("found").querySelector("tbody").replaceChildren(...rows);
    part("marked").hidden = !problems.some((one) => one.row);
  }

  function showMapping(known) {
    const rows = known.map((one) => {
      const choice = element("select", "form-select form-select-sm");
      choice.setAttribute("aria-label", one.heading);
      choice.append(new Option(say("ignore"), ""));
      told.fields.forEach((field) => choice.append(new Option(field.label + (field.required ? " *" : ""), field.path)));
      choice.value = one.state === "mapped" ? one.path : "";
      choice.addEventListener("change", () => {
        columns[one.heading] = choice.value;
        run(true);
      });
      const field = element("td", "wb-mapped", choice);
      if (one.state === "closed") field.append(element("span", "text-secondary small", `${words(one.label)}：${say("closed")}${words(one.reason)}`));
      if (one.state === "unknown") field.append(element("span", "text-warning small", say("unknown")));
      const row = element("tr");
      row.append(element("td", "", one.heading), field);
      return row;
    });
    if (known.length) part("mapping").querySelector("tbody").replaceChildren(...rows);
    part("mapping").hidden = part("mapping").hidden && !known.length;
  }

  function show(answer) {
    const problems = answer.problems || (answer.errors || []).map((one) => ({ message: { zh: one.message, en: one.message } }));
    showProblems(problems);
    showMapping(answer.columns || []);
    const notes = (answer.notes || []).map(words);
    const changes = (answer.created || 0) + (answer.updated || 0);
    bring.disabled = problems.length > 0 || answer.imported || !changes;
    if (problems.length) tell("danger", say("problems", problems.length), [answer.rows ? figures(answer) : "", ...notes]);
    else if (answer.imported) tell("success", answer.repeated ? say("repeated") : say("done"), [figures(answer), ...notes]);
    else tell(changes ? "info" : "secondary", changes ? say("ready") : say("nothing"), [figures(answer), ...notes]);
  }

  async function send(data) {
    const response = await fetch(told.address, { method: "POST", body: data, headers: { Accept: "application/json" } });
    if (response.status === 401) throw new Error(say("signed_out"));
    return response;
  }

  async function run(dryRun) {
    if (!file.files.length && !text.value.trim()) return;
    const mine = ++asked;
    if (dryRun) fresh();
    check.disabled = bring.disabled = true;
    page.classList.add("wb-busy");
    try {
      const answer = await (await send(form(dryRun))).json();
      if (mine === asked) show(answer);
    } catch (error) {
      if (mine === asked) tell("danger", error instanceof TypeError ? say("failed") : error.message, []);
      bring.disabled = dryRun; // what was checked can be tried again: the key keeps it from coming in twice
    } finally {
      if (mine === asked) {
        check.disabled = false;
        page.classList.remove("wb-busy");
      }
    }
  }

  async function download() {
    const data = form(true);
    data.append("answer", "xlsx");
    const content = await (await send(data)).blob();
    const link = element("a");
    link.href = URL.createObjectURL(content);
    link.download = (file.files.length ? file.files[0].name.replace(/\.\w+$/, "") : "import") + "-errors.xlsx";
    link.click();
    URL.revokeObjectURL(link.href);
  }

  function changed() {
    columns = {};
    check.disabled = !file.files.length && !text.value.trim();
  }

  file.addEventListener("change", () => {
    changed();
    run(true);
  });
  text.addEventListener("input", () => {
    file.value = "";
    changed();
    fresh();
  });
  text.addEventListener("paste", () => setTimeout(() => run(true), 0));
  [mode, step].filter(Boolean).forEach((one) => one.addEventListener("change", () => run(true)));
  check.addEventListener("click", () => run(true));
  bring.addEventListener("click", () => run(false));
  part("marked").addEventListener("click", download);
})();
