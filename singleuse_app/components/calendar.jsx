import { useEffect, useMemo, useRef, useState } from "react";

// Dates are texts like "2026-09-04", which no time zone moves; between them it is reckoned in UTC, which has no gaps.
const DAY = 86_400_000;
const at = (iso) => Date.parse(`${iso}T00:00Z`);
const isoOf = (instant) => new Date(instant).toISOString().slice(0, 10);
const monthOf = (iso) => iso.slice(0, 7);
const weekdayOf = (iso) => (new Date(at(iso)).getUTCDay() + 6) % 7; // 0 is Monday
const daysIn = (iso, more = 0) => new Date(Date.UTC(iso.slice(0, 4), +iso.slice(5, 7) + more, 0)).getUTCDate();

const plusDays = (iso, days) => isoOf(at(iso) + days * DAY);

function plusMonths(iso, months) {
  const day = Math.min(+iso.slice(8), daysIn(iso, months)); // a month from the 31st may be the 30th
  return isoOf(Date.UTC(iso.slice(0, 4), +iso.slice(5, 7) - 1 + months, day));
}

const STEPS = {
  ArrowLeft: (iso, isShifted) => (isShifted ? plusMonths(iso, -1) : plusDays(iso, -1)),
  ArrowRight: (iso, isShifted) => (isShifted ? plusMonths(iso, 1) : plusDays(iso, 1)),
  ArrowUp: (iso, isShifted) => (isShifted ? plusMonths(iso, -12) : plusDays(iso, -7)),
  ArrowDown: (iso, isShifted) => (isShifted ? plusMonths(iso, 12) : plusDays(iso, 7)),
  PageUp: (iso, isShifted) => plusMonths(iso, isShifted ? -12 : -1),
  PageDown: (iso, isShifted) => plusMonths(iso, isShifted ? 12 : 1),
  Home: (iso, _, firstWeekday) => plusDays(iso, -((weekdayOf(iso) - firstWeekday + 7) % 7)),
  End: (iso, _, firstWeekday) => plusDays(iso, 6 - ((weekdayOf(iso) - firstWeekday + 7) % 7)),
};

/**
 * A month of days as a grid (WAI-ARIA, "grid"): arrows, Home, End and Page keys move, Enter and Space choose. Days
 * without a free time are read like the others, and cannot be chosen.
 *
 * The server says what the days of `month` are. Another month is drawn at once and empty until the server has spoken.
 * So is this one, as long as nothing was ever known of any.
 */
export function MonthGrid(props) {
  const isNew = useRef(true);
  isNew.current &&= !props.month;
  return props.month || isNew.current ? <Grid {...props} month={props.month || isoOf(Date.now())} /> : null;
}

function Grid({ month, chosen, today, days, firstWeekday, weekdays, label, onChoose, onMonth }) {
  const [shown, show] = useState(month);
  const [picked, pick] = useState(chosen);
  const [known, know] = useState(days);
  const [visited, visit] = useState("");
  const grid = useRef(null);
  const isMoving = useRef(false);
  if (known !== days) {
    know(days);
    show(month);
    pick(chosen);
  }
  const cells = useMemo(() => new Map(days.map((day) => [day.iso, day])), [days]);
  const weeks = useMemo(() => weeksOf(shown, firstWeekday), [shown, firstWeekday]);
  // The one day that Tab leads to.
  const stop = [visited, picked, today].find((iso) => iso && monthOf(iso) === monthOf(shown)) ?? `${monthOf(shown)}-01`;

  useEffect(() => {
    if (isMoving.current) grid.current.querySelector(`[data-iso="${visited}"]`)?.focus();
    isMoving.current = false;
  }, [visited]);

  const move = (event) => {
    const step = STEPS[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const iso = step(event.target.dataset.iso, event.shiftKey, firstWeekday);
    isMoving.current = iso !== visited;
    visit(iso);
    if (monthOf(iso) === monthOf(shown)) return;
    show(iso);
    onMonth(`${monthOf(iso)}-01`);
  };
  const choose = (event) => {
    const iso = event.target.closest(".day--free")?.dataset.iso;
    if (!iso) return;
    visit(iso);
    pick(iso);
    onChoose(iso);
  };

  return (
    <table ref={grid} role="grid" aria-multiselectable="false" aria-label={label} className="calendar__grid">
      <thead aria-hidden="true">
        <tr>
          {weekdays.map(({ name, short }) => <th key={name} scope="col" aria-label={name}>{short}</th>)}
        </tr>
      </thead>
      <tbody onKeyDown={move} onClick={choose} onFocus={(event) => visit(event.target.dataset.iso)}>
        {weeks.map((week) => (
          <tr key={week[0]}>
            {week.map((iso) => (
              <td
                key={iso}
                role="gridcell"
                aria-selected={iso === picked ? "true" : undefined}
                className={iso === today ? "calendar__today" : undefined}
              >
                {monthOf(iso) === monthOf(shown) && <Day iso={iso} isStop={iso === stop} {...cells.get(iso)} />}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Day({ iso, isStop, label, count = 0 }) {
  return (
    <button
      type="button"
      className={count ? "day day--free" : "day"}
      tabIndex={isStop ? 0 : -1}
      aria-label={label ?? iso}
      aria-disabled={count ? undefined : "true"}
      data-iso={iso}
    >
      <span className="day__face">
        <span className="day__number">{+iso.slice(8)}</span>
        {count > 0 && <span className="day__count" data-count={Math.min(count, 3)} />}
      </span>
    </button>
  );
}

/** The weeks that a month takes part in, each of seven dates, the first and the last with some of other months. */
function weeksOf(iso, firstWeekday) {
  const first = `${monthOf(iso)}-01`;
  const before = (weekdayOf(first) - firstWeekday + 7) % 7;
  const count = Math.ceil((before + daysIn(iso)) / 7);
  return Array.from({ length: count }, (_, week) =>
    Array.from({ length: 7 }, (_, day) => plusDays(first, 7 * week + day - before)),
  );
}
