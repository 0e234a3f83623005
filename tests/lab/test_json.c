/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/memory.h"
#include "lab/json.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Writes a value of every kind; the status of the end. */
static enum core_status write_everything(char **text) {
    struct lab_json *json;
    *text = NULL;
    enum core_status status = lab_json_create(&json);
    if (status != CORE_OK) return status;
    lab_json_object_begin(json, NULL);
    lab_json_text(json, "name", "a \"b\" \\ \n\x01 \xc3\xa9 \xff\xed\xa0\x80 \xe0\x80\x80 \xf0\x9f\x8c\x8a");
    lab_json_array_begin(json, "list");
    lab_json_number(json, NULL, 0.1);
    lab_json_number(json, NULL, nan(""));
    lab_json_number(json, NULL, -HUGE_VAL);
    lab_json_object_begin(json, NULL);
    lab_json_end(json);
    lab_json_array_begin(json, NULL);
    lab_json_end(json);
    lab_json_end(json);
    lab_json_integer(json, "low", INT64_MIN);
    lab_json_natural(json, "seed", UINT64_MAX);
    lab_json_flag(json, "yes", 2);
    lab_json_flag(json, "no", 0);
    lab_json_null(json, "nothing");
    lab_json_text(json, "none", NULL);
    lab_json_numbers(json, "pair", 2, (double[]){2.385, -1e-300});
    lab_json_end(json);
    return lab_json_finish(json, text);
}

static void test_every_kind(void **state) {
    /* value: RFC 8259 by hand; bytes that are no UTF-8 (a lone ff, a surrogate, an overlong form) are U+FFFD, one each.
     */
    (void)state;
    char *text;
    assert_int_equal(write_everything(&text), CORE_OK);
    assert_string_equal(
        text, "{\"name\": \"a \\\"b\\\" \\\\ \\u000a\\u0001 \xc3\xa9 \\ufffd\\ufffd\\ufffd\\ufffd "
              "\\ufffd\\ufffd\\ufffd \xf0\x9f\x8c\x8a\", "
              "\"list\": [0.10000000000000001, null, null, {}, []], \"low\": -9223372036854775808, "
              "\"seed\": 18446744073709551615, \"yes\": true, \"no\": false, \"nothing\": null, \"none\": null, "
              "\"pair\": [2.3849999999999998, -1e-300]}");
    core_free(text);
}

static void test_numbers_read_back(void **state) {
    /* law: 17 significant digits name one double: 10000 random bit patterns come back bit for bit. */
    (void)state;
    uint64_t bits = 88172645463325252u;
    for (int i = 0; i < 10000; i++) {
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        double value, again;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value)) continue;
        struct lab_json *json;
        char *text;
        assert_int_equal(lab_json_create(&json), CORE_OK);
        lab_json_number(json, NULL, value);
        assert_int_equal(lab_json_finish(json, &text), CORE_OK);
        again = strtod(text, NULL);
        assert_memory_equal(&again, &value, sizeof value);
        core_free(text);
    }
}

static void test_memory(void **state) {
    /* law: whichever allocation fails, the writer says so at the end and nothing leaks. */
    (void)state;
    size_t live = core_alloc_live();
    enum core_status status = CORE_NO_MEMORY;
    size_t k = 1;
    for (; status != CORE_OK; k++) {
        char *text;
        core_alloc_fail_at(k);
        status = write_everything(&text);
        core_alloc_fail_at(0);
        assert_true(status == CORE_OK || (status == CORE_NO_MEMORY && text == NULL));
        core_free(text);
        assert_int_equal(core_alloc_live(), live);
        assert_true(k < 100);
    }
    assert_true(k > 3); /* at least the writer, a text, and a longer text */
}

static void test_abandoned(void **state) {
    /* law: a writer given up half way leaks nothing; NULL is allowed. */
    (void)state;
    size_t live = core_alloc_live();
    struct lab_json *json;
    assert_int_equal(lab_json_create(&json), CORE_OK);
    lab_json_array_begin(json, NULL);
    lab_json_text(json, NULL, "unfinished");
    lab_json_free(json);
    lab_json_free(NULL);
    assert_int_equal(core_alloc_live(), live);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind),
        cmocka_unit_test(test_numbers_read_back),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_abandoned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
