import { createContext, useContext, useEffect, useMemo, useRef, useState } from "react";
import { DayPicker } from "react-day-picker";

const Month = createContext(null);
const Nothing = () => null;
const ignore = () => {}; // with it, what is selected is for us to say
const classNames = { month_grid: "calendar__grid", today: "calendar__today" };
const components = { DayButton: Day, MonthCaption: Nothing };
const unsaid = () => ""; // the names and numbers of days are ours

const two = (number) => String(number).padStart(2, "0");
const isoOf = (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
const weekdayOf = (date) => (date.getDay() + 6) % 7;

function dateOf(iso) {
  if (!iso) return undefined;
  const [year, month, day] = iso.split("-").map(Number);
  return new Date(year, month - 1, day);
}

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
  return props.month || isNew.current ? <Grid {...props} month={props.month || isoOf(new Date())} /> : null;
}

function Grid({ month, chosen, today, days, weekdays, firstWeekday, label, onChoose, onMonth }) {
  const [shown, show] = useState(month);
  const [picked, pick] = useState(chosen);
  const [known, know] = useState(days);
  if (known !== days) {
    know(days);
    show(month);
    pick(chosen);
  }
  const cells = useMemo(() => new Map(days.map((day) => [day.iso, day])), [days]);
  const choose = (iso) => {
    pick(iso);
    onChoose(iso);
  };
  const turn = (date) => {
    show(isoOf(date));
    onMonth(isoOf(date));
  };
  return (
    <Month.Provider value={{ cells, choose }}>
      <DayPicker
        mode="single"
        hideNavigation
        classNames={classNames}
        components={components}
        month={dateOf(shown)}
        onMonthChange={turn}
        selected={dateOf(picked)}
        onSelect={ignore}
        today={dateOf(today)}
        weekStartsOn={(firstWeekday + 1) % 7}
        formatters={{ formatDay: unsaid, formatWeekdayName: (date) => weekdays[weekdayOf(date)].slice(0, 3) }}
        labels={{
          labelDayButton: unsaid,
          labelGridcell: unsaid,
          labelGrid: () => label,
          labelWeekday: (date) => weekdays[weekdayOf(date)],
        }}
      />
    </Month.Provider>
  );
}

function Day({ day, modifiers, ...props }) {
  const { cells, choose } = useContext(Month);
  const button = useRef(null);
  const iso = isoOf(day.date);
  const { label, count = 0 } = cells.get(iso) ?? {};
  useEffect(() => {
    if (modifiers.focused) button.current?.focus();
  }, [modifiers.focused]);
  return (
    <button
      {...props}
      ref={button}
      className={count ? "day day--free" : "day"}
      aria-label={label ?? iso}
      aria-disabled={count ? undefined : "true"}
      data-iso={iso}
      onClick={(event) => {
        props.onClick?.(event);
        if (count) choose(iso);
      }}
    >
      <span className="day__face">
        <span className="day__number">{day.date.getDate()}</span>
        {count > 0 && <span className="day__count" data-count={Math.min(count, 3)} />}
      </span>
    </button>
  );
}
