"""What goes wrong in a shop that ships to the whole solar system: the catalogue of sample issues.

Everything is invented. A source snippet has a margin: `|` is context, `>` is the line that failed.
`$name` in messages, variables and breadcrumbs is filled in from the event's variant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# The groups that are exported in ways of their own.
QUOTES, TIMEOUTS, VOUCHERS, NO_PRICE = 6014420117, 6014420188, 6014420251, 6014421007


@dataclass(frozen=True)
class Frame:
    """A call on the stack."""

    filename: str
    function: str
    lineno: int | None
    source: str
    in_app: bool = True
    colno: int | None = None
    package: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Failure:
    """One exception; in a chain the cause comes first."""

    type: str
    value: str
    frames: tuple[Frame, ...]
    module: str | None = None


@dataclass(frozen=True)
class Burst:
    """How many events happened between two days."""

    start: str
    end: str
    count: int


@dataclass(frozen=True)
class Issue:
    """A group of events with one cause."""

    group: int
    project: str
    level: str
    transaction: str
    bursts: tuple[Burst, ...]
    chain: tuple[Failure, ...] = ()
    message: str = ""
    stack: tuple[Frame, ...] = ()
    mechanism: str | None = None
    handled: bool = False
    logger: str | None = None
    method: str = "GET"
    variants: tuple[Mapping[str, str], ...] = ({},)
    crumbs: tuple[tuple[str, str], ...] = ()
    odd: Mapping[int, Mapping[str, object]] = field(default_factory=dict)
    """Legal but surprising extra data, by the number of the event in its issue."""


@dataclass(frozen=True)
class Project:
    """A project with its releases, each with the day it went out."""

    id: str
    slug: str
    name: str
    platform: str
    sdk: tuple[str, str]
    staging: str
    releases: tuple[tuple[str, str], ...]


PROJECTS = {
    project.slug: project
    for project in (
        Project(
            "4507611290402817", "checkout-api", "Checkout API", "python",
            ("sentry.python.django", "2.42.0"), "staging",
            (("checkout-api@4.0.2", "2026-09-28"), ("checkout-api@4.1.0", "2026-10-19"),
             ("checkout-api@4.2.0", "2026-11-05"), ("checkout-api@4.2.1", "2026-11-16")),
        ),
        Project(
            "4507611290468353", "storefront", "Storefront", "javascript",
            ("sentry.javascript.react", "10.17.0"), "preview",
            (("storefront@2026.39.4", "2026-09-24"), ("storefront@2026.41.0", "2026-10-08"),
             ("storefront@2026.42.1", "2026-10-15"), ("storefront@2026.44.0", "2026-10-29"),
             ("storefront@2026.46.0", "2026-11-12")),
        ),
        Project(
            "4507611290533889", "ios-app", "iOS App", "cocoa",
            ("sentry.cocoa", "8.56.1"), "testflight",
            (("com.example.interstellar@7.2.0+398", "2026-09-14"),
             ("com.example.interstellar@7.3.0+412", "2026-10-21"),
             ("com.example.interstellar@7.3.1+415", "2026-11-09")),
        ),
    )
}  # fmt: skip


def py(filename: str, function: str, lineno: int, source: str, **variables: str) -> Frame:
    """Our own Python."""
    return Frame(filename, function, lineno, source, variables=variables)


def lib(filename: str, function: str, lineno: int, line: str) -> Frame:
    """A library's Python: only the failing line is known."""
    return Frame(filename, function, lineno, f"> {line}", in_app=False)


def js(filename: str, function: str, lineno: int, colno: int, source: str) -> Frame:
    """Our own TypeScript."""
    return Frame(f"./src/{filename}", function, lineno, source, colno=colno)


def npm(filename: str, function: str, lineno: int, colno: int, line: str) -> Frame:
    """A dependency's JavaScript."""
    name = f"./node_modules/{filename}"
    return Frame(name, function, lineno, f"> {line}", in_app=False, colno=colno)


def swift(filename: str, function: str, lineno: int) -> Frame:
    """Our own Swift; a phone has no source to show."""
    return Frame(filename, function, lineno, "", package="Interstellar")


def system(package: str, function: str) -> Frame:
    """A frame of the operating system."""
    return Frame("", function, None, "", in_app=False, package=package)


DJANGO = (
    lib("django/core/handlers/exception.py", "inner", 55, "response = get_response(request)"),
    lib("django/core/handlers/base.py", "_get_response", 197,
        "response = wrapped_callback(request, *callback_args, **callback_kwargs)"),
    lib("rest_framework/views.py", "dispatch", 512,
        "response = handler(request, *args, **kwargs)"),
)  # fmt: skip
PAY_VIEW = py(
    "checkout/views/pay.py", "post", 61,
    """
    | order = Order.objects.select_for_update().get(pk=order_id)
    | with transaction.atomic():
    >     receipt = cashier.charge(order, request.data["method"])
    |     order.mark_paid(receipt)
    | return Response(receipt.as_dict())
    """,
    order_id="$order", self="<checkout.views.pay.PayView object at 0x7f3c2a91d0d0>",
)  # fmt: skip
REACT = (
    npm("scheduler/cjs/scheduler.production.js", "performWorkUntilDeadline", 151, 32,
        "hasMoreWork = flushWork(currentTime);"),
    npm("react-dom/cjs/react-dom-client.production.js", "renderWithHooks", 3904, 24,
        "children = Component(props, secondArg);"),
)  # fmt: skip
CLICK = (
    npm("react-dom/cjs/react-dom-client.production.js", "dispatchEvent", 15512, 9,
        "batchedUpdates(() => dispatchToListeners(event));"),
    npm("react-dom/cjs/react-dom-client.production.js", "", 13841, 5, "listener(event);"),
)  # fmt: skip
LAUNCH = (
    system("dyld", "start"),
    swift("InterstellarApp.swift", "static InterstellarApp.$main()", 11),
    system("UIKitCore", "UIApplicationMain"),
    system("CoreFoundation", "CFRunLoopRunSpecific"),
)
PARKED = (
    system("libsystem_pthread.dylib", "start_wqthread"),
    system("libsystem_kernel.dylib", "__workq_kernreturn"),
)
NETWORK = (
    system("libsystem_pthread.dylib", "_pthread_start"),
    system("Foundation", "__NSThread__start__"),
    system("CFNetwork", "+[NSURLConnection(Loader) _resourceLoadLoop:]"),
    system("libsystem_kernel.dylib", "mach_msg2_trap"),
)
SYNC = (
    system("libdispatch.dylib", "_dispatch_worker_thread2"),
    swift("Sync/OrbitSync.swift", "OrbitSync.mergeRemoteWishlist(_:)", 140),
    swift("Sync/VectorClock.swift", "VectorClock.advance(at:)", 31),
)
THREADS = (
    ("com.apple.main-thread", ()),
    ("com.example.orbit-sync", SYNC),
    ("com.apple.NSURLConnectionLoader", NETWORK),
    ("", PARKED),
)

ISSUES = (
    # --- checkout-api --------------------------------------------------------------------------
    # New with checkout-api@4.2.0, fixed (mostly) by 4.2.1.
    Issue(
        QUOTES, "checkout-api", "error", "/api/v2/checkout/quote/",
        (Burst("2026-11-05T10", "2026-11-16T09", 14), Burst("2026-11-16T11", "2026-11-18T00", 2)),
        (Failure(
            "AttributeError", "'NoneType' object has no attribute 'light_years'",
            (*DJANGO,
             py("checkout/views/quote.py", "get", 38,
                """
                | cart = Cart.for_session(request.session)
                | # One call for everything: the frontend asked nicely.
                > quote = quote_for(cart, request.user)
                | return Response(quote.as_dict())
                """,
                self="<checkout.views.quote.QuoteView object at 0x7f3c2a8be110>"),
             py("checkout/pricing/quotes.py", "quote_for", 74,
                """
                | lines = [price_line(line) for line in cart]
                | points = loyalty.points_for(user)
                > delivery = delivery_fee(cart, user.home)
                | return Quote(lines, delivery, points)
                """,
                cart="<Cart: $items items>", points="$points"),
             py("checkout/pricing/delivery.py", "delivery_fee", 112,
                """
                | def delivery_fee(cart, home):
                |     # Everybody has a home planet since the 4.2 migration.
                >     if home.orbit.light_years > FREE_DELIVERY_RADIUS:
                |         return cart.mass * FUEL_PER_LIGHT_YEAR * home.orbit.light_years
                |     return Decimal(0)
                """,
                home="<Home: '$home' (orbit=None)>", cart="<Cart: $items items>")),
            "builtins"),),
        mechanism="django",
        variants=({"items": "3", "points": "120", "home": "rogue planet"},
                  {"items": "1", "points": "0", "home": "in transit"},
                  {"items": "42", "points": "99999", "home": "it's complicated"}),
        crumbs=(("query", "SELECT id, orbit_id FROM accounts_home WHERE user_id = %s"),
                ("redis", "GET cart:session"),
                ("checkout.loyalty", "points for $home: $points")),
        odd={3: {"order_nonce": 9007199254740993, "total_dust_grains": 18446744073709551615}},
    ),
    # Rare until 4.2.0, which sends the bank every customer's life story before it asks for money.
    Issue(
        TIMEOUTS, "checkout-api", "error", "/api/v2/checkout/pay/",
        (Burst("2026-10-09T00", "2026-11-05T00", 6), Burst("2026-11-05T10", "2026-11-20T00", 34)),
        (Failure("TimeoutError", "timed out",
                 (lib("urllib3/connectionpool.py", "_make_request", 534,
                      "response = conn.getresponse()"),
                  lib("urllib3/connection.py", "getresponse", 571,
                      "httplib_response = super().getresponse()")),
                 "builtins"),
         Failure("ReadTimeout",
                 "HTTPSConnectionPool(host='bank.example.net', port=443): "
                 "Read timed out. (read timeout=10)",
                 (py("checkout/gateways/bank.py", "_call", 203,
                     """
                     | for attempt in count(1):
                     |     log.info("calling the bank, attempt %d", attempt)
                     >     reply = self.session.post(url, json=body, timeout=TIMEOUT)
                     |     if reply.status_code != 418:
                     |         return reply.json()
                     """,
                     attempt="$attempt", body="{'amount': '$amount', 'card': '[Filtered]'}"),
                  lib("requests/sessions.py", "request", 589,
                      "resp = self.send(prep, **send_kwargs)"),
                  lib("requests/adapters.py", "send", 690,
                      "raise ReadTimeout(e, request=request)")),
                 "requests.exceptions"),
         Failure("PaymentUnavailable",
                 "the bank did not answer within 10s, and its hold music is copyrighted",
                 (*DJANGO, PAY_VIEW,
                  py("checkout/cashier.py", "charge", 119,
                     """
                     | try:
                     |     return self.gateway.charge(order.total, method)
                     | except RequestException as error:
                     |     self.apologise(order.customer)
                     >     raise PaymentUnavailable.after(TIMEOUT) from error
                     """,
                     order="<Order: $order>", method="'$method'")),
                 "checkout.errors")),
        mechanism="django", method="POST",
        variants=({"order": "O-48151", "attempt": "3", "amount": "23.42",
                   "method": "card"},
                  {"order": "O-62342", "attempt": "2", "amount": "1000000.00",
                   "method": "gold-pressed latex"},
                  {"order": "O-00042", "attempt": "1", "amount": "0.07",
                   "method": "exact change"}),
        crumbs=(("query", "SELECT 1 FROM orders_order WHERE id = %s FOR UPDATE"),
                ("httplib", "POST https://bank.example.net/v1/charges"),
                ("checkout.bank", "calling the bank, attempt $attempt"),
                ("checkout.cashier", "apologised to the customer about $order")),
        odd={38: {"hold_music": "\u266b\u266a\u266b", "retries": [], "note": ""}},
    ),
    Issue(
        6014420203, "checkout-api", "error", "/api/v2/delivery/slots/",
        (Burst("2026-10-25T00", "2026-10-25T03", 12),),
        (Failure(
            "AmbiguousTimeError", "$local happened twice in $zone; which one did you mean?",
            (*DJANGO,
             py("delivery/slots.py", "bookable", 57,
                """
                | start = datetime.combine(day, OPENING)
                | while start < closing:
                >     yield Slot(localize(start, zone))
                |     start += timedelta(minutes=30)
                """,
                zone="'$zone'"),
             py("delivery/clock.py", "localize", 19,
                """
                | # Will not happen before autumn.
                | if is_ambiguous(naive, zone):
                >     raise AmbiguousTimeError(naive, zone)
                | return naive.replace(tzinfo=ZoneInfo(zone))
                """,
                naive="datetime.datetime($naive)", zone="'$zone'")),
            "delivery.clock"),),
        mechanism="django",
        variants=({"local": "2026-10-25 02:30:00", "zone": "Europe/Vienna",
                   "naive": "2026, 10, 25, 2, 30"},
                  {"local": "2026-10-25 02:00:00", "zone": "Europe/Lisbon",
                   "naive": "2026, 10, 25, 2, 0"}),
        crumbs=(("delivery.slots", "opening hours are 02:00-04:00 $zone, as the vampires asked"),),
    ),
    Issue(
        VOUCHERS, "checkout-api", "warning", "/api/v2/vouchers/redeem/",
        (Burst("2026-10-09T00", "2026-11-19T20", 27),),
        (Failure(
            "VoucherError", "voucher '$code' $why",
            (py("checkout/views/vouchers.py", "post", 29,
                """
                | try:
                >     redeem(request.data["code"], cart)
                | except VoucherError as error:
                |     capture_exception(error, level="warning")
                |     return Response({"detail": str(error)}, status=409)
                """),
             py("checkout/vouchers.py", "redeem", 88,
                """
                | voucher = Voucher.objects.for_code(code)
                | if problem := voucher.problem_with(cart):
                >     raise VoucherError(code, problem)
                | cart.apply(voucher)
                """,
                code="'$code'", voucher="<Voucher: $code>")),
            "checkout.errors"),),
        mechanism="generic", handled=True, method="POST", logger="checkout.vouchers",
        variants=({"code": "NOVEMBER31", "why": "expires on a day that does not exist"},
                  {"code": "TREE-FIDDY", "why": "is worth about three fifty; cart total is 3.49"},
                  {"code": "'; DROP TABLE vouchers;--", "why": "was a nice try"},
                  {"code": "FOREVER", "why": "expired"},
                  {"code": "0xC0FFEE", "why": "has already been drunk"}),
        crumbs=(("query", "SELECT * FROM checkout_voucher WHERE code = %s"),),
        odd={5: {"cart": {"lines": [], "total": "3.49", "currency": ""}}},
    ),
    Issue(
        6014420266, "checkout-api", "error", "/api/v2/bills/split/",
        (Burst("2026-10-12T00", "2026-11-18T00", 9),),
        (Failure(
            "ZeroDivisionError", "division by zero",
            (*DJANGO,
             py("checkout/bills.py", "split", 45,
                """
                | guests = [guest for guest in table if not guest.went_to_the_bathroom]
                | # Somebody always pays.
                > share = total / len(guests)
                | return dict.fromkeys(guests, share)
                """,
                total="Decimal('$total')", guests="[]", table="<Table: $table>")),
            "builtins"),),
        mechanism="django", method="POST",
        variants=({"total": "812.40", "table": "the founders"},
                  {"total": "19.95", "table": "introverts' meetup"}),
        crumbs=(("checkout.bills", "splitting the bill of $table"),),
    ),
    Issue(
        6014420290, "checkout-api", "warning", "inventory.tasks.recount",
        (Burst("2026-10-10T00", "2026-11-19T00", 24),),
        message="stock of $item is $count in warehouse $place",
        stack=(
            lib("celery/app/trace.py", "trace_task", 453, "R = retval = fun(*args, **kwargs)"),
            py("inventory/tasks.py", "recount", 33,
               """
               | for item in warehouse.items():
               |     if item.stock < 0:
               >         log.warning("stock of %s is %s in warehouse %s", *item.facts)
               |         item.stock = abs(item.stock)  # they were probably upside down
               """,
               warehouse="<Warehouse: $place>"),
        ),
        logger="inventory.tasks",
        variants=({"item": "left socks", "count": "-1", "place": "Ceres"},
                  {"item": "schr\u00f6dinger-box (maybe cat)", "count": "0 or 1", "place": "Titan"},
                  {"item": "\x1b[33mantimatter AA, 4 pcs\x1b[0m", "count": "-4", "place": "Ceres"},
                  {"item": "infinite improbability tape", "count": "NaN", "place": "Titan"}),
        crumbs=(("celery", "received inventory.tasks.recount"),),
    ),
    Issue(
        6014420299, "checkout-api", "fatal", "billing.tasks.close_month",
        (Burst("2026-10-31T23", "2026-11-01T01", 4),),
        (Failure("IntegrityError",
                 'duplicate key value violates unique constraint "one_month_at_a_time"',
                 (lib("django/db/backends/utils.py", "_execute", 105,
                      "return self.cursor.execute(sql, params)"),), "psycopg.errors"),
         Failure("MonthWillNotEnd", "October is still open in $place, where a day takes $hours h",
                 (lib("celery/app/trace.py", "trace_task", 453,
                      "R = retval = fun(*args, **kwargs)"),
                  py("billing/tasks.py", "close_month", 71,
                     """
                     | for planet in Planet.objects.with_customers():
                     >     planet.close(month)
                     | notify("accounting", "all done, go home")
                     """,
                     month="datetime.date(2026, 10, 1)"),
                  py("billing/calendar.py", "close", 140,
                     """
                     | except IntegrityError as error:
                     >     raise MonthWillNotEnd(self) from error
                     """,
                     self="<Planet: $place>")), "billing.errors")),
        mechanism="celery", logger="billing",
        variants=({"place": "Venus", "hours": "5832"}, {"place": "Mercury", "hours": "4222"}),
        crumbs=(("celery", "received billing.tasks.close_month"),),
    ),
    # --- storefront ----------------------------------------------------------------------------
    Issue(
        NO_PRICE, "storefront", "error", "/cart",
        (Burst("2026-10-09T00", "2026-10-31T20", 34), Burst("2026-11-01T02", "2026-11-19T22", 10)),
        (Failure(
            "TypeError", "Cannot read properties of undefined (reading 'price')",
            (*REACT,
             js("components/CartDrawer.tsx", "CartDrawer", 41, 27,
                """
                | const lines = useCart((cart) => cart.lines);
                | const total = useMemo(
                >   () => sumOf(lines.map(lineTotal)),
                |   [lines],
                | );
                """),
             js("lib/money.ts", "lineTotal", 18, 22,
                """
                | export function lineTotal(line: CartLine): Money {
                |   // The API always sends a product. (narrator: it did not)
                >   return times(line.product!.price, line.quantity);
                | }
                """))),),
        mechanism="auto.browser.global_handlers.onerror",
        variants=({"sku": "towel-xl"}, {"sku": "babel-fish-food"}, {"sku": "towel-xl"}),
        crumbs=(("ui.click", "button.add-to-cart[data-sku=\"$sku\"]"),
                ("fetch", "/api/v2/cart/lines"),
                ("console", "Warning: encountered two children with the same key, `$sku`")),
    ),
    Issue(
        6014421015, "storefront", "error", "/planets/:planet",
        (Burst("2026-10-15T08", "2026-10-16T02", 14), Burst("2026-10-29T08", "2026-10-30T01", 11)),
        (Failure(
            "ChunkLoadError",
            "Loading chunk 418 failed. (error: https://shop.example.com/assets/teapot.$hash.js)",
            (js("routes/PlanetPage.tsx", "loadPlanet", 12, 30,
                """
                | // Three retries ought to be enough for anybody.
                > const PlanetGlobe = lazy(() => retry(() => import("./PlanetGlobe"), 3));
                """),
             js("lib/retry.ts", "retry", 9, 11,
                """
                | } catch (error) {
                >   if (left === 0) throw error;
                |   return retry(load, left - 1);
                """),
             npm("webpack/runtime/jsonp.js", "__webpack_require__.f.j", 27, 15,
                 "var error = new Error();"))),),
        mechanism="auto.browser.global_handlers.onunhandledrejection",
        variants=({"hash": "0ddba11"}, {"hash": "c0ffee5"}),
        crumbs=(("navigation", "/ -> /planets/neptune"), ("fetch", "/assets/teapot.$hash.js")),
    ),
    Issue(
        6014421022, "storefront", "warning", "/",
        (Burst("2026-10-09T00", "2026-10-31T23", 21),),
        (Failure("Error", "ResizeObserver loop completed with undelivered notifications.", ()),),
        mechanism="auto.browser.global_handlers.onerror",
        crumbs=(("ui.click", "div.cookie-banner > button.reject-all"),),
        odd={4: {"": "an empty key", "sizes": [0, 0.1, 1e-7, -0.0], "deep": [[[[[]]]]]}},
    ),
    Issue(
        6014421031, "storefront", "error", "/checkout",
        (Burst("2026-10-10T00", "2026-10-31T20", 15),),
        (Failure("QuotaExceededError",
                 "Failed to execute 'setItem' on 'Storage': the cart weighs $mass",
                 (js("lib/persist.ts", "save", 22, 16,
                     """
                     | const json = JSON.stringify(state);
                     > localStorage.setItem("cart", json);
                     """),)),
         Failure("Error", "Hydration failed: the server said \U0001f986, the client said $client",
                 (*REACT,
                  js("routes/Checkout.tsx", "Checkout", 57, 9,
                     """
                     | const duck = Math.random() > 0.5 ? "\U0001f986" : "\U0001f427";
                     | return (
                     >   <Basket mascot={duck} lines={lines} />
                     | );
                     """)))),
        mechanism="generic", handled=True,
        variants=({"mass": "5 MB (too many towels)", "client": "\U0001f427"},
                  {"mass": "1.4 M\u2609", "client": "\U0001f469\u200d\U0001f680"}),
        crumbs=(("console", "Hydration is hard. Drink water. \U0001f4a7"),),
    ),
    Issue(
        6014421046, "storefront", "error", "/search",
        (Burst("2026-10-20T00", "2026-10-28T00", 7),),
        (Failure("RangeError", "Maximum call stack size exceeded",
                 (*CLICK,
                  js("components/Pager.tsx", "onNext", 33, 20,
                     """
                     > setStriped(isEven(page + 1));
                     """),
                  *(js("lib/parity.ts", name, line, 10,
                       f"""
                       | // TODO: ask on the forum whether there is a faster way
                       > return {other}(n - 1);
                       """)
                    for name, other, line in (("isEven", "isOdd", 8), ("isOdd", "isEven", 14)) * 6),
                  )),),
        mechanism="auto.browser.browserapierrors.addEventListener",
        crumbs=(("ui.click", "button.next"), ("console", "page = -1")),
    ),
    Issue(
        6014421058, "storefront", "info", "/planets/:planet",
        (Burst("2026-10-09T00", "2026-10-31T00", 10),),
        message="feature flag $flag reached the end of the $thing",
        logger="flags",
        variants=({"flag": "infinite-scroll", "thing": "list"},
                  {"flag": "dark-mode", "thing": "tunnel"}),
        crumbs=(("navigation", "/ -> /planets/pluto (still in our hearts)"),),
    ),
    # --- ios-app -------------------------------------------------------------------------------
    Issue(
        6014422003, "ios-app", "fatal", "WarpCheckoutViewController",
        (Burst("2026-10-22T00", "2026-11-19T00", 19),),
        (Failure("EXC_BREAKPOINT",
                 "Unexpectedly found nil while unwrapping '$name' > "
                 "WarpCheckoutViewController.swift:88",
                 (*LAUNCH,
                  system("UIKitCore", "-[UIControl sendAction:to:forEvent:]"),
                  swift("WarpCheckoutViewController.swift",
                        "WarpCheckoutViewController.engage(_:)", 88),
                  swift("Cart.swift", "Cart.definitelyHasItems.getter", 42),
                  system("libswiftCore.dylib", "_assertionFailure(_:_:file:line:flags:)"))),),
        mechanism="mach",
        variants=({"name": "definitelyNotNil"}, {"name": "thisOneIsSafe"}),
        crumbs=(("touch", "engage:"), ("app.lifecycle", "foreground")),
        odd={6: {"keychain_blob": "acct\u0000\u0000\u0007\u0000end", "boot_ticks": 2**63 - 1}},
    ),
    Issue(
        6014422019, "ios-app", "error", "NebulaSearchViewController",
        (Burst("2026-10-12T00", "2026-11-19T00", 14),),
        (Failure("App Hanging", "App hanging for at least 2000 ms.",
                 (*LAUNCH,
                  swift("NebulaSearch.swift", "NebulaSearch.fuzzyMatch(_:in:)", 203),
                  swift("NebulaSearch.swift", "NebulaSearch.levenshteinButRecursive(_:_:)", 231),
                  swift("NebulaSearch.swift", "NebulaSearch.levenshteinButRecursive(_:_:)", 231),
                  system("libswiftCore.dylib", "String.subscript.getter"))),),
        mechanism="AppHang",
        crumbs=(("touch", "searchField"), ("app.search", "$query")),
        variants=({"query": "m31 keyring"}, {"query": "andromeda"}, {"query": ""}),
    ),
    Issue(
        6014422027, "ios-app", "info", "OrbitSync",
        (Burst("2026-10-10T00", "2026-11-18T00", 8),),
        (Failure("NSURLErrorDomain", "The Internet connection appears to be offline: $why "
                 "(Code: -1009)",
                 (system("libdispatch.dylib", "_dispatch_worker_thread2"),
                  swift("Sync/OrbitSync.swift", "OrbitSync.pull()", 77),
                  swift("Sync/OrbitSync.swift", "OrbitSync.handle(_:)", 95))),),
        mechanism="NSError", handled=True,
        variants=({"why": "user is behind the Moon"}, {"why": "tunnel"}, {"why": "elevator"}),
        crumbs=(("network.event", "connectivity lost: $why"),),
    ),
)  # fmt: skip

PEOPLE = (
    "Perry Helion", "Nova Sanders", "Io Marchetti", "Callisto Reyes", "Orion Petty", "Luna Park",
    "Stella Driver", "Max Q", "Cosmo Politan", "Gale Crater", "Ellie Ptical", "Doppler Shift",
    "Ann Dromeda", "Phobos O'Fear", "Eve N. Horizon", "Rhea Lity", "Kuiper Belton", "Sol Itude",
)  # fmt: skip

BROWSERS = (
    ("Chrome", "141.0.0", "Windows", "11"),
    ("Safari", "26.0", "Mac OS X", "15.6"),
    ("Firefox", "144.0", "Ubuntu", "24.04"),
    ("Chrome Mobile", "141.0.0", "Android", "16"),
    ("Netscape", "4.7", "BeOS", "5"),
)
PHONES = (("iPhone17,1", "26.1"), ("iPhone15,3", "26.0.1"), ("iPhone12,1", "18.7"))
