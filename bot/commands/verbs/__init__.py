"""The words and options of each verb; what it does is imported when it is called."""
