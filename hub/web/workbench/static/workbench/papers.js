// The panel of a record's papers: upload by choosing or dropping, comments with @ completion, follow. Every change is a
// GraphQL mutation or POST /files, and afterwards the panel is taken anew from the page.
(function () {
  "use strict";

  const MUTATIONS = {
    detach: "mutation($id: ID!) { done: detach(id: $id) { problems { message } } }",
    removeComment: "mutation($id: ID!) { done: removeComment(id: $id) { problems { message } } }",
    editComment: "mutation($id: ID!, $text: String!) { done: editComment(id: $id, text: $text) { problems { message } } }",
    comment: "mutation($t: String!, $d: ID!, $text: String!) { done: comment(documentType: $t, documentId: $d, text: $text) { problems { message } } }",
    follow: "mutation($t: String!, $d: ID!) { done: follow(documentType: $t, documentId: $d) { problems { message } } }",
    unfollow: "mutation($t: String!, $d: ID!) { done: unfollow(documentType: $t, documentId: $d) { problems { message } } }",
  };

  const panel = () => document.getElementById("papers");
  const about = () => ({ t: panel().dataset.type, d: panel().dataset.id });

  function complain(text) {
    const box = panel().querySelector("[data-wb=papers-problem]");
    box.textContent = text || panel().dataset.failed;
    box.hidden = false;
  }

  async function refresh() {
    const answer = await fetch(location.href);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("papers");
    if (fresh) panel().replaceWith(fresh);
    else location.reload();
  }

  async function run(name, variables) {
    try {
      const answer = await fetch("/graphql", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ query: MUTATIONS[name], variables }),
      });
      const body = await answer.json();
      const wrong = body.errors || (body.data && body.data.done && body.data.done.problems) || [];
      if (!wrong.length) return true;
      complain(wrong.map((one) => one.message).join(" "));
    } catch {
      complain();
    }
    return false;
  }

  const act = async (name, variables) => { if (await run(name, variables)) await refresh(); };

  function send(file, progress) {
    return new Promise((done) => {
      const request = new XMLHttpRequest();
      const { t, d } = about();
      request.open("POST", `/files/${t}/${d}?name=${encodeURIComponent(file.name)}`);
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.responseType = "json";
      request.upload.onprogress = (event) => { if (event.lengthComputable) progress.value = event.loaded / event.total; };
      request.onload = () => {
        const told = request.response || {};
        const problems = told.problems || told.errors || [];
        done(request.status === 201 ? null : `${file.name}: ${problems.map((one) => one.message).join(" ") || panel().dataset.failed}`);
      };
      request.onerror = () => done(`${file.name}: ${panel().dataset.failed}`);
      request.send(file);
    });
  }

  async function upload(files) {
    const progress = panel().querySelector("[data-wb=drop] progress");
    const wrong = [];
    progress.hidden = false;
    for (const file of files) {
      progress.value = 0;
      const problem = await send(file, progress);
      if (problem) wrong.push(problem);
    }
    await refresh();
    if (wrong.length) complain(wrong.join(" "));
  }

  function edit(item) {
    const said = item.querySelector(".wb-said");
    if (item.querySelector("textarea")) return;
    const form = document.createElement("form");
    form.className = "wb-say";
    form.dataset.wb = "edit-comment";
    const box = Object.assign(document.createElement("div"), { className: "wb-at" });
    const area = Object.assign(document.createElement("textarea"), { className: "form-control", rows: 2, value: said.textContent });
    const menu = Object.assign(document.createElement("div"), { className: "dropdown-menu" });
    const save = Object.assign(document.createElement("button"), { className: "btn btn-primary", textContent: panel().dataset.save });
    const back = Object.assign(document.createElement("button"), { className: "btn", type: "button", textContent: panel().dataset.back });
    back.addEventListener("click", () => { form.remove(); said.hidden = false; });
    box.append(area, menu);
    form.append(box, save, back);
    said.hidden = true;
    item.append(form);
    area.focus();
  }

  // What is being typed after an @, up to the caret.
  function begun(area) {
    const found = /(^|[^\w.@])@([^\s@]{0,40})$/.exec(area.value.slice(0, area.selectionStart));
    return found ? found[2] : null;
  }

  function choose(area, menu, name) {
    const caret = area.selectionStart;
    const start = caret - begun(area).length;
    area.value = `${area.value.slice(0, start)}${name} ${area.value.slice(caret)}`;
    area.selectionStart = area.selectionEnd = start + name.length + 1;
    menu.classList.remove("show");
    area.focus();
  }

  let asked = 0;
  async function complete(area) {
    const menu = area.parentElement.querySelector(".dropdown-menu");
    const typed = begun(area);
    const turn = ++asked;
    if (typed === null) return menu.classList.remove("show");
    const answer = await fetch(`${panel().dataset.people}?q=${encodeURIComponent(typed)}`).catch(() => null);
    if (!answer || !answer.ok || turn !== asked) return;
    const { items } = await answer.json();
    menu.replaceChildren(...items.map((name, index) => {
      const option = Object.assign(document.createElement("button"), { type: "button", className: "dropdown-item", textContent: name });
      option.setAttribute("role", "option");
      option.classList.toggle("active", index === 0);
      option.addEventListener("mousedown", (event) => { event.preventDefault(); choose(area, menu, name); });
      return option;
    }));
    menu.classList.toggle("show", items.length > 0);
  }

  function keys(event) {
    const area = event.target;
    const menu = area.parentElement && area.parentElement.querySelector(".dropdown-menu.show");
    if (menu) {
      const options = [...menu.children];
      const at = options.findIndex((one) => one.classList.contains("active"));
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        const next = (at + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length;
        options.forEach((one, index) => one.classList.toggle("active", index === next));
      } else if (event.key === "Enter" || event.key === "Tab") {
        choose(area, menu, options[Math.max(0, at)].textContent);
      } else if (event.key === "Escape") {
        menu.classList.remove("show");
      } else return;
      event.preventDefault();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      area.form.requestSubmit();
    }
  }

  const inside = (event) => panel() && panel().contains(event.target);

  document.addEventListener("click", (event) => {
    if (!inside(event)) return;
    const button = event.target.closest("button");
    const item = event.target.closest("[data-paper]");
    if (!button) return;
    const sure = () => window.confirm(panel().dataset.sure);
    if (button.dataset.wbFollow) act(button.dataset.wbFollow, about());
    else if ("wbDetach" in button.dataset && sure()) act("detach", { id: item.dataset.paper });
    else if ("wbRemoveComment" in button.dataset && sure()) act("removeComment", { id: item.dataset.paper });
    else if ("wbEditComment" in button.dataset) edit(item);
  });
  document.addEventListener("submit", (event) => {
    if (!inside(event)) return;
    event.preventDefault();
    const text = event.target.querySelector("textarea").value;
    const item = event.target.closest("[data-paper]");
    if (item) act("editComment", { id: item.dataset.paper, text });
    else act("comment", { ...about(), text });
  });
  document.addEventListener("input", (event) => { if (inside(event) && event.target.matches("textarea")) complete(event.target); });
  document.addEventListener("keydown", (event) => { if (inside(event) && event.target.matches("textarea")) keys(event); });
  document.addEventListener("change", (event) => { if (inside(event) && event.target.matches("[data-wb=file]")) upload([...event.target.files]); });
  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      const drop = inside(event) && event.target.closest("[data-wb=attachments]");
      const target = drop && drop.querySelector("[data-wb=drop]");
      if (!target) return;
      event.preventDefault();
      target.classList.toggle("wb-over", kind === "dragover");
      if (kind === "drop" && event.dataTransfer.files.length) upload([...event.dataTransfer.files]);
    });
  }
})();
