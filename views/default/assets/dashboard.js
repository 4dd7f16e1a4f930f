// Comfort for the dashboard. Every page works without it: what is here only saves a click or a reload.

const frame = document.documentElement.lang;
const words = { en: ['Copy', 'Copied'], de: ['Kopieren', 'Kopiert'] };
const [copyWord, copiedWord] = words[frame] ?? words.en;

// Copying: a button beside what is there to be copied.
const addCopying = (root) => {
  for (const place of root.querySelectorAll('[data-copy]')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'copy';
    button.textContent = copyWord;
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(
        (place.querySelector('pre') ?? place).textContent.trimEnd(),
      );
      button.textContent = copiedWord;
      setTimeout(() => {
        button.textContent = copyWord;
      }, 2000);
    });
    if (place.matches('figure')) place.append(button);
    else place.after(button);
  }
};

// Times in the reader's own zone, and as their country writes them; the server says them in UTC.
const region = navigator.languages.find((tag) => tag.split('-')[0] === frame.split('-')[0]);
const addTimes = (root) => {
  const format = new Intl.DateTimeFormat(region ?? frame, {
    dateStyle: 'medium',
    timeStyle: 'short',
  });
  for (const time of root.querySelectorAll('time[data-time]')) {
    time.title = time.textContent;
    time.textContent = format.format(new Date(time.dateTime));
  }
};

const improve = (root) => {
  addCopying(root);
  addTimes(root);
};
improve(document);

// What has the focus inside of what is replaced hands it on to what stands in its place.
const replace = (old, fresh) => {
  const reachable = 'a, button, input, select, summary';
  const at = [...old.querySelectorAll(reachable)].indexOf(document.activeElement);
  const words = document.activeElement.textContent;
  old.replaceWith(fresh);
  improve(fresh);
  if (at < 0) return;
  const places = [...fresh.querySelectorAll(reachable)];
  (places.find(({ textContent }) => words && textContent === words) ?? places[at])?.focus();
};

// A form with data-live="id" asks again while it is filled in, and replaces that element.
const refresh = async (form, signal) => {
  const id = form.dataset.live;
  const fields = new URLSearchParams(new FormData(form));
  const isGet = form.method === 'get';
  const url = new URL(form.dataset.liveAction ?? form.action);
  if (isGet) url.search = fields;
  const answer = await fetch(url, isGet ? { signal } : { method: 'post', body: fields, signal });
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const fresh = page.getElementById(id);
  const old = document.getElementById(id);
  if (!fresh) {
    // Nobody is signed in any more: a list leads to where one signs in, a form says so in time.
    if (isGet) location.assign(url);
    else if (answer.redirected) {
      const notice = document.createElement('p');
      notice.className = 'notice warning';
      notice.textContent = form.dataset.liveOver;
      old.replaceChildren(notice);
    }
    return;
  }
  replace(old, fresh);
  if (isGet) history.replaceState(null, '', url);
};
for (const form of document.querySelectorAll('form[data-live]')) {
  let timer;
  let running;
  form.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      running?.abort();
      running = new AbortController();
      refresh(form, running.signal).catch(() => {});
    }, 200);
  });
}

// A box that checks all others of its form: data-all="name".
document.addEventListener('change', ({ target }) => {
  if (!target.dataset?.all) return;
  for (const box of target.form.querySelectorAll(`input[name="${target.dataset.all}"]`)) {
    box.checked = target.checked;
  }
});

// The menu of a phone is closed; beside the content it is not a matter of opening.
const menu = document.querySelector('[data-menu]');
const wide = matchMedia('(min-width: 52.01rem)');
const fitMenu = () => {
  if (menu) menu.open = wide.matches;
};
wide.addEventListener('change', fitMenu);
fitMenu();

// Keys: / searches, ? lists them, g and a letter goes to a place.
const keys = document.getElementById('keys');
let going = false;
document.addEventListener('keydown', (event) => {
  const { key, target, ctrlKey, metaKey, altKey } = event;
  if (ctrlKey || metaKey || altKey || keys?.open) return;
  if (target.matches('input, select, textarea')) return;
  if (going) {
    going = false;
    document.querySelector(`[data-key="${CSS.escape(key)}"]`)?.click();
    return;
  }
  if (key === 'g') {
    going = true;
    setTimeout(() => {
      going = false;
    }, 1000);
  } else if (key === '/') {
    const search = document.querySelector('input[type="search"]');
    if (search) {
      event.preventDefault();
      search.focus();
    }
  } else if (key === '?') {
    keys?.showModal();
  }
});
