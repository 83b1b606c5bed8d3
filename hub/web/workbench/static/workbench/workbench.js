// Forms of the workbench: lines that come and go, links that are searched, one save at a time.
(function () {
  "use strict";

  function renumber(body) {
    body.querySelectorAll("tr").forEach((row, index) => {
      row.querySelector(".wb-position span").textContent = index + 1;
    });
  }

  // Cells copied from Excel: tabs between columns, a cell with line breaks in quotation marks.
  function cellsOf(text) {
    const rows = [[""]];
    let quoted = false;
    for (let at = 0; at < text.length; at++) {
      const sign = text[at];
      const row = rows[rows.length - 1];
      if (quoted && sign === '"' && text[at + 1] === '"') row[row.length - 1] += text[++at];
      else if (sign === '"' && (quoted || row[row.length - 1] === "")) quoted = !quoted;
      else if (!quoted && sign === "\t") row.push("");
      else if (!quoted && sign === "\n") rows.push([""]);
      else if (sign !== "\r") row[row.length - 1] += sign;
    }
    return rows.filter((row) => row.some((cell) => cell.trim()));
  }

  function fillCell(cell, text) {
    const choice = cell.querySelector("select");
    const tick = cell.querySelector("input[type=checkbox]");
    const link = cell.querySelector(".wb-link");
    const wanted = text.trim().toLowerCase();
    if (choice) {
      const found = [...choice.options].find((one) => [one.value.toLowerCase(), one.text.trim().toLowerCase()].includes(wanted));
      choice.value = found ? found.value : "";
    } else if (tick) {
      tick.checked = ["true", "1", "yes", "y", "是", "√"].includes(wanted);
    } else if (link) {
      link.children[0].value = ""; // the code stands as text: saving finds the record, or says that there is none
      link.children[1].value = text.trim();
    } else {
      const input = cell.querySelector("input:not([type=hidden]), textarea");
      if (input) input.value = text.trim();
    }
  }

  // Rows pasted into a cell go to the right and down from there; a first row of headings says where they belong.
  function pasteRows(event, body, add) {
    const text = event.clipboardData.getData("text/plain");
    const target = event.target.closest("td[data-label]");
    if (!target || !/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    let rows = cellsOf(text);
    const labels = [...target.parentElement.querySelectorAll("td[data-label]")].map((one) => one.dataset.label.trim().toLowerCase());
    let columns = rows[0].map((_, at) => labels.indexOf(target.dataset.label.trim().toLowerCase()) + at);
    const headings = rows[0].map((one) => labels.indexOf(one.replace(/[*\s]|（.*）|\(.*\)/g, "").toLowerCase()));
    if (rows.length > 1 && headings.some((at) => at >= 0) && rows[0].every((one, at) => headings[at] >= 0 || !one.trim() || Number.isNaN(Number(one)))) {
      columns = headings;
      rows = rows.slice(1);
    }
    let row = target.closest("tr");
    rows.forEach((cells, index) => {
      if (index) row = row.nextElementSibling || add();
      const places = row.querySelectorAll("td[data-label]");
      cells.forEach((cell, at) => {
        if (columns[at] >= 0 && places[columns[at]]) fillCell(places[columns[at]], cell);
      });
    });
    renumber(body);
  }

  function initLines(card) {
    const body = card.querySelector("tbody");
    const template = card.querySelector("template");
    let next = body.rows.length;
    renumber(body);

    function add() {
      const holder = document.createElement("tbody");
      holder.innerHTML = template.innerHTML.replaceAll("__row__", String(next++));
      const row = holder.querySelector("tr");
      body.appendChild(row);
      row.querySelectorAll(".wb-link").forEach(initLink);
      row.querySelectorAll("[data-wb-calendar]").forEach(initCalendar);
      return row;
    }

    if (template) card.addEventListener("paste", (event) => pasteRows(event, body, add));
    card.addEventListener("click", (event) => {
      if (event.target.closest("[data-wb-remove-line]")) {
        event.target.closest("tr").remove();
        renumber(body);
      } else if (event.target.closest("[data-wb-add-line]")) {
        const row = add();
        renumber(body);
        const first = row.querySelector("input[type=text], select");
        if (first) first.focus();
      }
    });
  }

  // The calendar only writes into the text input; what somebody types there is never changed by it.
  function initCalendar(box) {
    const [input, button] = [box.querySelector("input"), box.querySelector("button")];
    if (!button || box.dataset.ready || !window.flatpickr) return;
    box.dataset.ready = "1";
    const withTime = box.dataset.wbCalendar === "moment";
    let picker = null;
    button.addEventListener("click", () => {
      if (!picker) {
        const hidden = box.appendChild(Object.assign(document.createElement("input"), { type: "hidden", className: "wb-picker" }));
        picker = window.flatpickr(hidden, {
          clickOpens: false,
          disableMobile: true,
          enableTime: withTime,
          time_24hr: true,
          dateFormat: withTime ? "Y-m-d H:i" : "Y-m-d",
          locale: window.flatpickr.l10ns.zh ? "zh" : "default",
          positionElement: input,
          onChange: (days, text) => { input.value = text; },
        });
      }
      if (/^\d{4}-\d{2}-\d{2}/.test(input.value)) picker.setDate(input.value.replace("T", " "), false);
      picker.open();
    });
  }

  // A link's text input asks the hub while somebody types; the hidden input holds the id of what was chosen.
  function initLink(box) {
    const [hidden, input, menu] = [box.children[0], box.children[1], box.children[2]];
    let asked = 0;
    let timer = null;
    let current = -1;

    function close() {
      menu.classList.remove("show");
      input.setAttribute("aria-expanded", "false");
      current = -1;
    }

    function choose(option) {
      hidden.value = option.dataset.id;
      input.value = option.dataset.text;
      input.classList.remove("is-invalid");
      close();
    }

    function place() {
      const at = input.getBoundingClientRect();
      const below = window.innerHeight - at.bottom;
      Object.assign(menu.style, { position: "fixed", left: at.left + "px", minWidth: Math.max(at.width, 240) + "px" });
      if (below < 220 && at.top > below) {
        Object.assign(menu.style, { top: "auto", bottom: window.innerHeight - at.top + 2 + "px" });
      } else {
        Object.assign(menu.style, { bottom: "auto", top: at.bottom + 2 + "px" });
      }
    }

    function fill(items, empty) {
      menu.replaceChildren(...items.map((item) => {
        const option = document.createElement("button");
        option.type = "button";
        option.tabIndex = -1;
        option.className = "dropdown-item";
        option.setAttribute("role", "option");
        option.dataset.id = item.id;
        option.dataset.text = item.text;
        option.append(item.text);
        if (item.more) {
          const more = document.createElement("span");
          more.className = "wb-more";
          more.textContent = item.more;
          option.append(more);
        }
        return option;
      }));
      if (!items.length) {
        const none = document.createElement("div");
        none.className = "dropdown-item disabled";
        none.textContent = empty;
        menu.append(none);
      }
      place();
      menu.classList.add("show");
      input.setAttribute("aria-expanded", "true");
      current = -1;
    }

    async function ask() {
      const mine = ++asked;
      const address = box.dataset.wbSearch + "?q=" + encodeURIComponent(hidden.value ? "" : input.value.trim());
      try {
        const answer = await fetch(address, { headers: { Accept: "application/json" } });
        if (!answer.ok || mine !== asked) return;
        const found = await answer.json();
        if (document.activeElement === input) fill(found.items, found.empty);
      } catch (error) {
        close(); // the hub cannot be reached: what was typed stays, saving will say so
      }
    }

    function mark(step) {
      const options = [...menu.querySelectorAll("button")];
      if (!options.length) return;
      current = (current + step + options.length) % options.length;
      options.forEach((option, index) => option.classList.toggle("active", index === current));
      options[current].scrollIntoView({ block: "nearest" });
    }

    input.addEventListener("focus", ask);
    input.addEventListener("input", () => {
      hidden.value = "";
      clearTimeout(timer);
      timer = setTimeout(ask, 180);
    });
    input.addEventListener("blur", () => setTimeout(close, 150));
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        mark(event.key === "ArrowDown" ? 1 : -1);
      } else if (event.key === "Enter" && menu.classList.contains("show")) {
        event.preventDefault();
        const options = menu.querySelectorAll("button");
        if (options.length) choose(options[Math.max(current, 0)]);
      } else if (event.key === "Escape") {
        close();
      }
    });
    menu.addEventListener("mousedown", (event) => {
      const option = event.target.closest("button");
      event.preventDefault();
      if (option) choose(option);
    });
    window.addEventListener("scroll", () => menu.classList.contains("show") && place(), true);
  }

  document.querySelectorAll("[data-wb-lines]").forEach(initLines);
  document.querySelectorAll("[data-wb-calendar]").forEach(initCalendar);
  document.querySelectorAll("[data-wb-lines] tbody .wb-link, .wb-link").forEach((box) => {
    if (!box.dataset.ready) {
      box.dataset.ready = "1";
      initLink(box);
    }
  });
  // Whether somebody is still signed in: a page of ours leads away to the sign-in page when not.
  async function signedOut(address) {
    try {
      return (await fetch(address, { redirect: "manual" })).type === "opaqueredirect";
    } catch (error) {
      return false; // the hub cannot be reached: the browser will say so when the form is sent
    }
  }

  // A form that took an hour to fill in must not be lost to a sign-in that has run out meanwhile.
  function initForm(form) {
    const button = form.querySelector("[type=submit]");
    let sure = false;
    form.addEventListener("submit", async (event) => {
      if (!sure) {
        event.preventDefault();
        button.disabled = true;
        const out = await signedOut(form.dataset.wbAlive);
        form.querySelectorAll("[data-wb=signed-out]").forEach((one) => one.remove());
        if (out) {
          button.disabled = false;
          const told = form.querySelector("template[data-wb-signed-out]").content.cloneNode(true);
          form.prepend(told);
          form.scrollIntoView();
          return;
        }
        sure = true;
        button.disabled = false;
        form.requestSubmit(button);
      } else {
        setTimeout(() => { button.disabled = true; }, 0);
      }
    });
    window.addEventListener("pageshow", () => { sure = false; });
  }

  // Each opening of a bulk dialog is a request of its own, also on a page that came back from the browser's memory.
  document.addEventListener("shown.bs.modal", (event) => {
    const key = event.target.querySelector("[data-sa-hook=modal-form] [name=idempotency_key]");
    if (key) key.value = key.value.split(".")[0] + "." + Date.now().toString(36) + Math.random().toString(36).slice(2);
  });
  document.querySelectorAll(".wb-form[data-wb-alive]").forEach(initForm);
  document.querySelectorAll(".modal form").forEach((form) => {
    form.addEventListener("submit", () => {
      const button = form.querySelector("[type=submit]");
      setTimeout(() => { button.disabled = true; }, 0);
    });
  });
  const refused = document.querySelector(".modal[data-wb-refused]");
  if (refused) window.addEventListener("load", () => document.querySelector(`[data-bs-target="#${refused.id}"]`).click());
  window.addEventListener("pageshow", () => { // a page that comes back from the browser's memory can be sent again
    document.querySelectorAll("[type=submit]").forEach((button) => { button.disabled = false; });
  });
  const wrong = document.querySelector(".wb-form .is-invalid");
  if (wrong) wrong.scrollIntoView({ block: "center" });
})();
