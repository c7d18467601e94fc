// Runs before the app, on every page: what the server wants to know of this browser must be in its storage by then.
// The receipt is this browser's own proof of the bookings it makes: made once, never changed.
try {
  if (!localStorage.getItem("singleuse_receipt")) {
    const bytes = Array.from(crypto.getRandomValues(new Uint8Array(16)));
    localStorage.setItem("singleuse_receipt", bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(""));
  }
  localStorage.setItem("singleuse_browser_time_zone", Intl.DateTimeFormat().resolvedOptions().timeZone ?? "");
  localStorage.setItem("singleuse_conventions", conventions(navigator.language));
} catch {
  // Storage is blocked: the page works without it, it only cannot recognise this browser again.
}

// How people who speak this language write times and days, such as "12 month 7": the hours of a clock, what of a date
// comes first, and the first day of a week (Monday is 1).
function conventions(language) {
  const parts = new Intl.DateTimeFormat(language, { month: "long", day: "numeric" }).formatToParts();
  const first = parts.find((part) => part.type === "month" || part.type === "day");
  const { hour12 } = new Intl.DateTimeFormat(language, { hour: "numeric" }).resolvedOptions();
  const locale = new Intl.Locale(language);
  const week = locale.getWeekInfo?.() ?? locale.weekInfo;
  return `${hour12 ? 12 : 24} ${first.type} ${week?.firstDay ?? (language === "en-US" ? 7 : 1)}`;
}

// A form that opens takes over what was typed into another: data-like names the field.
document.addEventListener("focusin", ({ target }) => {
  for (const field of target.form?.querySelectorAll("[data-like]") ?? []) {
    field.value ||= document.querySelector(field.dataset.like)?.value ?? "";
  }
});
