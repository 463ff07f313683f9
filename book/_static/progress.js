// What a reader read, predicted and passed: kept by the browser, sent nowhere, erased on request.
(() => {
  const KEY = "gradus-progress";
  const empty = () => ({ format: 1, read: {}, boxes: {}, exercises: {} });
  const today = () => new Date().toISOString().slice(0, 10);

  const load = () => {
    try {
      return { ...empty(), ...JSON.parse(localStorage.getItem(KEY)) };
    } catch { // no storage, or not ours
      return empty();
    }
  };
  const keep = (progress) => {
    try {
      localStorage.setItem(KEY, JSON.stringify(progress));
      return true;
    } catch {
      return false;
    }
  };

  // What a file adds. Nothing that was read, predicted or passed before is lost.
  const merged = (progress, added) => {
    const record = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
    if (!record(added) || added.format !== 1) {
      throw new Error(`expected a file of format 1, got ${JSON.stringify(added?.format ?? null)}`);
    }
    const parts = ["read", "boxes", "exercises"].filter((part) => part in added);
    if (!parts.length) throw new Error("expected exercises, boxes or pages in the file, found none");
    for (const part of parts) {
      if (!record(added[part])) throw new Error(`expected ${part} to be a table of names`);
    }
    const passed = Object.entries(added.exercises ?? {}).filter(([, one]) => one?.passed === true);
    return {
      format: 1,
      read: { ...added.read, ...progress.read },
      boxes: { ...added.boxes, ...progress.boxes },
      exercises: { ...Object.fromEntries(passed), ...progress.exercises },
    };
  };

  // A page: a tick at its end, and a mark for each page that was read in the list of pages.
  const showPage = () => {
    const page = typeof DOCUMENTATION_OPTIONS === "object" ? DOCUMENTATION_OPTIONS.pagename : "";
    const end = document.querySelector(".prev-next-area, .prev-next-footer");
    if (page && end && document.querySelector(".page-head")) {
      const box = document.createElement("p");
      box.className = "page-read";
      box.innerHTML = '<label><input type="checkbox"> I have read this page</label> <span role="status"></span>';
      const tick = box.querySelector("input");
      tick.checked = page in load().read;
      tick.addEventListener("change", () => {
        const progress = load();
        if (tick.checked) progress.read[page] = today();
        else delete progress.read[page];
        const kept = keep(progress);
        box.querySelector("span").textContent = kept ? "" : "This browser keeps nothing for a page.";
        mark();
      });
      document.querySelector(".bd-article").append(box);
    }
    document.addEventListener("predicted", (event) => {
      const progress = load();
      progress.boxes[event.target.id] ??= { right: event.detail, when: today() }; // the first one counts
      keep(progress);
    });
    mark();
  };
  const mark = () => {
    const read = Object.keys(load().read);
    for (const link of document.querySelectorAll(".bd-links a.reference")) {
      const done = read.some((page) => link.href.split("#")[0].endsWith(`/${page}.html`));
      link.classList.toggle("was-read", done);
      link.querySelector(".visually-hidden")?.remove();
      if (done) link.insertAdjacentHTML("beforeend", '<span class="visually-hidden"> (read)</span>');
    }
  };

  // The board: a row for each page, and the ways in and out.
  const showBoard = (board) => {
    const find = (name) => board.querySelector(`.progress-${name}`);
    const show = () => {
      const progress = load();
      const rows = [...board.querySelectorAll("tr[data-page]")];
      let [read, right, predicted, boxes, passed] = [0, 0, 0, 0, 0];
      for (const row of rows) {
        const day = progress.read[row.dataset.page];
        row.querySelector(".progress-read").textContent = day ? `read ${day}` : "not yet read";
        if (day) read += 1;
        const names = row.dataset.boxes.split(" ").filter(Boolean);
        const mine = names.filter((name) => name in progress.boxes);
        const good = mine.filter((name) => progress.boxes[name].right);
        row.querySelector(".progress-boxes").textContent = names.length
          ? `${good.length} right, ${mine.length} of ${names.length} predicted` : "none";
        [boxes, predicted, right] = [boxes + names.length, predicted + mine.length, right + good.length];
      }
      const tasks = [...board.querySelectorAll("[data-exercise]")];
      for (const task of tasks) {
        const done = progress.exercises[task.dataset.exercise]?.passed === true;
        task.classList.toggle("passed", done);
        task.querySelector(".progress-mark")?.remove();
        task.insertAdjacentHTML("beforeend", `<span class="progress-mark"> ${done ? "passed" : "not yet"}</span>`);
        if (done) passed += 1;
      }
      find("summary").textContent = `${read} of ${rows.length} pages read; ${right} of ${predicted} `
        + `predictions right, of ${boxes} boxes; ${passed} of ${tasks.length} functions passed.`;
    };
    const say = (text) => { find("said").textContent = text; };
    const take = async (file) => {
      if (!file) return;
      try {
        const before = load();
        const after = merged(before, JSON.parse(await file.text()));
        if (!keep(after)) throw new Error("this browser keeps nothing for a page");
        show();
        const news = ["read", "boxes", "exercises"]
          .map((part) => Object.keys(after[part]).length - Object.keys(before[part]).length);
        say(`Added from ${file.name}: ${news[0]} pages, ${news[1]} boxes, ${news[2]} functions.`);
      } catch (error) {
        const why = error instanceof SyntaxError ? "it is not JSON" : error.message;
        say(`Nothing was added from ${file.name}: ${why}.`);
      }
    };
    const input = board.querySelector("input[type=file]");
    input.addEventListener("change", () => take(input.files[0]));
    document.addEventListener("dragover", (event) => event.preventDefault());
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      take(event.dataTransfer.files[0]);
    });
    find("save").addEventListener("click", () => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([JSON.stringify(load(), null, 2)], { type: "application/json" }));
      link.download = "gradus-progress.json";
      link.click();
      URL.revokeObjectURL(link.href);
      say("Saved as gradus-progress.json, where your browser puts downloads.");
    });
    const erase = find("erase");
    erase.addEventListener("click", () => {
      if (erase.dataset.asked) {
        try { localStorage.removeItem(KEY); } catch { /* nothing was kept */ }
        show();
        say("Everything is erased.");
      } else {
        say("This cannot be undone. Press the button once more to erase everything.");
      }
      erase.dataset.asked = erase.dataset.asked ? "" : "yes";
      erase.textContent = erase.dataset.asked ? "Yes, erase everything" : "Erase everything";
    });
    show();
  };

  document.addEventListener("DOMContentLoaded", () => {
    showPage();
    const board = document.querySelector(".progress-board");
    if (board) showBoard(board);
  });
})();
