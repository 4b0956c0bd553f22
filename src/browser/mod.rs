//! Real browsers over WebDriver BiDi.
